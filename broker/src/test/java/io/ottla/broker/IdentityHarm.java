package io.ottla.broker;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What was damaged of a deployment's identity, and what must start all the same: what is said here
 * of required starts is that of {@code docs/decisions/0017-a-directory-says-whose-it-is.md}. It
 * demands nothing where that leaves a start open. One owner.
 */
final class IdentityHarm {
  private final int brokers;
  private final List<String> done = new ArrayList<>();
  private final Set<String> files = new HashSet<>();
  private final Set<Integer> harmed = new HashSet<>();

  /**
   * @param brokers of the only cluster, {@code c1}
   */
  IdentityHarm(int brokers) {
    this.brokers = brokers;
  }

  /** A broker's directory is not what it was. */
  void broker(int id, String what) {
    harmed.add(id);
    done.add(what);
  }

  /** One file of a pair is not what it was. */
  void file(Path data, Path file, String what) {
    files.add(data.relativize(file).toString().replace('\\', '/'));
    done.add(what);
  }

  /** Whether the process must start: one of the deployment's own two files is whole. */
  boolean mustOpen() {
    return !isGone("deployment");
  }

  /**
   * Whether every event must be served. That is so if the cluster is known, by one of its own two
   * files or by what all brokers hold of it, and at most one of three brokers is harmed.
   */
  boolean mustServe() {
    long lost = 0;
    for (int id = 1; id <= brokers; id++) {
      if (harmed.contains(id) || isGone("c1/broker-" + id + "/broker")) {
        lost++;
      }
    }
    boolean known = !isGone("c1/cluster") || lost == 0;
    return mustOpen() && known && lost <= (brokers - 1) / 2;
  }

  private boolean isGone(String pair) {
    return files.contains(pair + ".json") && files.contains(pair + ".copy");
  }

  @Override
  public String toString() {
    return done.toString();
  }
}
