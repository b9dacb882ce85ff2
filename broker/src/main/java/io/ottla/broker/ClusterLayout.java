package io.ottla.broker;

import io.ottla.metadata.ClusterIdentity;
import io.ottla.replication.GroupSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Which replicated groups a cluster has and who their members are: a pure function of its identity,
 * so it is never stored.
 *
 * <p>Group 0 is the metadata group, on every broker. Group k, from 1, is a data group that prefers
 * broker k as its leader; its replicas are brokers k, k+1, … (in a ring), at most three.
 */
final class ClusterLayout {
  private static final int MAX_REPLICAS = 3;

  private ClusterLayout() {}

  /** All groups, the metadata group first. */
  static List<GroupSpec> groups(ClusterIdentity identity) {
    int brokers = identity.brokers().size();
    List<GroupSpec> groups = new ArrayList<>();
    List<Integer> all = new ArrayList<>();
    for (int id = 1; id <= brokers; id++) {
      all.add(id);
    }
    groups.add(new GroupSpec(0, groupId(identity, 0), List.copyOf(all), 1));
    for (int number = 1; number <= brokers; number++) {
      groups.add(
          new GroupSpec(number, groupId(identity, number), replicas(number, brokers), number));
    }
    return List.copyOf(groups);
  }

  /** The brokers that hold data group {@code number}, the preferred leader first. */
  static List<Integer> replicas(int number, int brokers) {
    List<Integer> members = new ArrayList<>();
    for (int i = 0; i < replicationFactor(brokers); i++) {
      members.add((number - 1 + i) % brokers + 1);
    }
    return List.copyOf(members);
  }

  /** How many replicas each partition has. */
  static int replicationFactor(int brokers) {
    return Math.min(MAX_REPLICAS, brokers);
  }

  /** How many brokers may fail at once with nothing unavailable. */
  static int toleratedFailures(int brokers) {
    return (replicationFactor(brokers) - 1) / 2;
  }

  /** How many replicas of groups the cluster runs in all: what it costs. */
  static int replicaCount(int brokers) {
    return brokers + brokers * replicationFactor(brokers);
  }

  private static UUID groupId(ClusterIdentity identity, int number) {
    String name = identity.clusterId() + "/group-" + number;
    return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
  }
}
