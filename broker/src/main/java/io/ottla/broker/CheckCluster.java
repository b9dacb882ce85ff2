package io.ottla.broker;

import io.ottla.broker.ClusterCheck.PartitionCheck;
import io.ottla.broker.store.PartitionReader;
import io.ottla.broker.store.PartitionStore;
import io.ottla.metadata.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Compares the replicas of a cluster's partitions, one partition after the other, as far as time
 * allows. It reads and changes nothing; damage that it finds is noted for the scrubber.
 * Thread-safe.
 */
public final class CheckCluster {
  private final Deployment deployment;

  /**
   * What to compare. Immutable.
   *
   * @param topic empty for all topics, internal ones too
   * @param from where an answer before stopped
   * @param limit after it no new segment is begun; one is always compared
   */
  public record Request(
      String cluster, Optional<String> topic, Optional<CheckCursor> from, Duration limit) {}

  public CheckCluster(Deployment deployment) {
    this.deployment = deployment;
  }

  /** Compares, and says what it found and where to go on. */
  public Answer<ClusterCheck> check(Request request) {
    return deployment
        .readyCluster(Optional.of(request.cluster()))
        .then(cluster -> check(cluster, request));
  }

  private static Answer<ClusterCheck> check(Cluster cluster, Request request) {
    long deadlineNanos = System.nanoTime() + request.limit().toNanos();
    if (cluster.view().topics().isEmpty()) {
      // There are internal ones at least.
      return Answer.refused(
          RefusalCode.NO_LEADER, "cluster " + cluster.name() + " has no leader yet");
    }
    List<Topic> topics = topics(cluster, request.topic());
    if (topics.isEmpty() && request.topic().isPresent()) {
      return Answer.refused(
          RefusalCode.TOPIC_NOT_FOUND, "there is no topic " + request.topic().get());
    }
    List<PartitionCheck> checked = new ArrayList<>();
    for (Topic topic : topics) {
      for (int partition = 0; partition < topic.partitions(); partition++) {
        if (request.from().isPresent() && request.from().get().isBehind(topic.name(), partition)) {
          continue;
        }
        if (!checked.isEmpty() && System.nanoTime() - deadlineNanos >= 0) {
          return answer(cluster, checked, Optional.of(new CheckCursor(topic.name(), partition, 0)));
        }
        Optional<CheckCursor> next =
            compare(cluster, topic, partition, request.from(), deadlineNanos, checked);
        if (next.isPresent()) {
          return answer(cluster, checked, next);
        }
      }
    }
    return answer(cluster, checked, Optional.empty());
  }

  private static Answer<ClusterCheck> answer(
      Cluster cluster, List<PartitionCheck> checked, Optional<CheckCursor> next) {
    return Answer.ok(new ClusterCheck(cluster.name(), checked, next));
  }

  private static List<Topic> topics(Cluster cluster, Optional<String> name) {
    return cluster.view().topics().stream()
        .filter(topic -> name.isEmpty() || topic.name().equals(name.get()))
        .sorted(Comparator.comparing(Topic::name))
        .toList();
  }

  /** Adds what a partition's comparison found; gives where to go on if time is over. */
  private static Optional<CheckCursor> compare(
      Cluster cluster,
      Topic topic,
      int partition,
      Optional<CheckCursor> from,
      long deadlineNanos,
      List<PartitionCheck> checked) {
    boolean resumes =
        from.isPresent()
            && from.get().topic().equals(topic.name())
            && from.get().partition() == partition;
    PartitionComparison comparison =
        new PartitionComparison(topic, partition, readers(cluster, topic, partition));
    Optional<Long> next =
        comparison.run(
            resumes ? from.get().baseOffset() : 0, () -> System.nanoTime() - deadlineNanos >= 0);
    checked.add(comparison.result());
    return next.map(baseOffset -> new CheckCursor(topic.name(), partition, baseOffset));
  }

  /** By broker; empty where the broker does not run, or has not got the group. */
  private static Map<Integer, Optional<PartitionReader>> readers(
      Cluster cluster, Topic topic, int partition) {
    ClusterDataGroup group = cluster.dataGroup(topic.groupOfPartition().get(partition));
    Map<Integer, Optional<PartitionReader>> readers = new LinkedHashMap<>();
    for (Broker broker : group.replicas()) {
      readers.put(broker.id(), broker.store(group.number()).map(PartitionStore::reader));
    }
    return readers;
  }
}
