package io.ottla.replication;

import java.nio.file.Path;

/**
 * Where one replica's files lie. Immutable.
 *
 * @param broker the broker's directory
 */
record ReplicaFiles(Path broker, GroupSpec spec) {
  /** All journals of the broker. */
  static Path raft(Path broker) {
    return broker.resolve("raft");
  }

  /** Ratis' directory of this group; it exists as soon as the replica has taken part. */
  Path raftGroup() {
    return raft(broker).resolve(spec.id().toString());
  }

  /** {@code log_*}, {@code raft-meta}, {@code raft-meta.conf}. */
  Path journal() {
    return raftGroup().resolve("current");
  }

  Path checkpoints() {
    return broker.resolve("checkpoints").resolve(Integer.toString(spec.number()));
  }

  /** Holds another replica's copy until it takes this one's place. */
  Path rebuild() {
    return broker.resolve("rebuild").resolve(Integer.toString(spec.number()));
  }
}
