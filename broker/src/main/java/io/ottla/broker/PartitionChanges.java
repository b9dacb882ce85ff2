package io.ottla.broker;

import io.ottla.metadata.Topic;
import java.util.function.BooleanSupplier;

/** Waits until the data groups have followed a change of the metadata. Pure but for the waiting. */
final class PartitionChanges {
  private PartitionChanges() {}

  /**
   * Waits until every partition of the topic can be written; {@code NOT_READY} when that takes too
   * long: the topic exists and will be.
   */
  static Answer<Topic> awaitServed(Cluster cluster, Topic topic, long deadlineNanos) {
    return await(cluster, () -> cluster.reconciler().isServed(topic), deadlineNanos)
        ? Answer.ok(topic)
        : Answer.refused(
            RefusalCode.NOT_READY,
            "topic "
                + topic.name()
                + " is created, but not all of its partitions have a leader yet");
  }

  /**
   * Waits until no group's leader holds a partition of the topic; false when that takes too long.
   */
  static boolean awaitGone(Cluster cluster, Topic topic, long deadlineNanos) {
    return await(cluster, () -> cluster.reconciler().isGone(topic), deadlineNanos);
  }

  private static boolean await(Cluster cluster, BooleanSupplier reached, long deadlineNanos) {
    try {
      while (System.nanoTime() < deadlineNanos) {
        long seen = cluster.reconciler().passes();
        if (reached.getAsBoolean()) {
          return true;
        }
        cluster.reconciler().nudge();
        cluster.reconciler().awaitPassAfter(seen, deadlineNanos);
      }
      return reached.getAsBoolean();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
