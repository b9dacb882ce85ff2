package io.ottla.broker.identity;

import io.ottla.broker.identity.ClusterFile.Home;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * The content of {@code broker.json}: whose directory this is. Immutable.
 *
 * @param version of this file
 * @param incarnation as {@link ClusterFile} has it, if this is that broker's current directory;
 *     empty in an older build's
 * @param generation of the last start of the broker that used this directory
 * @param cluster the cluster as it was then: it restores a lost {@code cluster.json}, and shows
 *     when that is an old copy
 */
record BrokerFile(
    int version,
    UUID clusterId,
    int brokerId,
    Optional<UUID> incarnation,
    long generation,
    Optional<ClusterFile> cluster) {
  BrokerFile {
    Objects.requireNonNull(clusterId, "clusterId");
    Objects.requireNonNull(incarnation, "incarnation");
    Objects.requireNonNull(cluster, "cluster");
  }

  /** An older build's. */
  record Version1(int version, UUID clusterId, int brokerId) {
    BrokerFile upgrade() {
      return new BrokerFile(
          SealedJson.VERSION, clusterId, brokerId, Optional.empty(), 0, Optional.empty());
    }
  }

  static BrokerFile of(ClusterFile cluster, int brokerId) {
    Home home = cluster.home(brokerId);
    return new BrokerFile(
        SealedJson.VERSION,
        cluster.identity().clusterId(),
        brokerId,
        Optional.of(home.incarnation()),
        home.generation(),
        Optional.of(cluster));
  }

  /**
   * Why this is not the broker's current directory; empty if it is.
   *
   * <p>A higher generation than the cluster knows is right: then the cluster's file is the older
   * one, as it is always written first.
   */
  Optional<String> strangeness(ClusterFile file, int id) {
    if (!clusterId.equals(file.identity().clusterId())) {
      return Optional.of("other-cluster");
    }
    if (brokerId != id) {
      return Optional.of("other-broker");
    }
    Home home = file.home(id);
    long oldest = home.starting() ? home.generation() - 1 : home.generation();
    if (incarnation.isEmpty()) {
      // Only a cluster that never started with this build has directories of an older one.
      return oldest <= 0 ? Optional.empty() : Optional.of("older-copy");
    }
    if (!incarnation.get().equals(home.incarnation())) {
      return Optional.of("replaced");
    }
    return generation >= oldest ? Optional.empty() : Optional.of("older-copy");
  }
}
