package io.ottla.broker.consume;

import io.ottla.broker.Answer;
import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.ServingCluster;
import io.ottla.broker.TopicDirectory;
import io.ottla.metadata.Consumer;
import io.ottla.metadata.Topic;
import java.util.Optional;

/** Finds consumers and the topics that they name. Thread-safe. */
final class Consumers {
  private final TopicDirectory directory;

  Consumers(TopicDirectory directory) {
    this.directory = directory;
  }

  /** A consumer and the cluster that it reads from. */
  record Found(ServingCluster cluster, Consumer consumer) {
    String memberId() {
      return Long.toString(consumer.id());
    }
  }

  /** The consumer of that id. */
  Answer<Found> find(long consumerId) {
    Optional<ServingCluster> cluster = directory.clusterOfId(consumerId);
    if (cluster.isEmpty()) {
      return Answer.refused(notFound(consumerId));
    }
    boolean certain = cluster.get().viewIsCurrent();
    Optional<Consumer> consumer = cluster.get().view().consumer(consumerId);
    if (consumer.isPresent()) {
      return Answer.ok(new Found(cluster.get(), consumer.get()));
    }
    return Answer.refused(certain ? notFound(consumerId) : notReady(cluster.get()));
  }

  /** A topic of that cluster. */
  static Answer<Topic> topic(ServingCluster cluster, String name) {
    boolean certain = cluster.viewIsCurrent();
    Optional<Topic> topic = cluster.view().topic(name);
    if (topic.isPresent()) {
      return Answer.ok(topic.get());
    }
    return Answer.refused(
        certain
            ? Refusal.of(
                RefusalCode.TOPIC_NOT_FOUND,
                "there is no topic " + name + " in cluster " + cluster.name())
            : notReady(cluster));
  }

  /** That the topic has no such partition, if so. */
  static Optional<Refusal> outOfRange(Topic topic, int partition) {
    return partition >= 0 && partition < topic.partitions()
        ? Optional.empty()
        : Optional.of(
            Refusal.of(
                    RefusalCode.PARTITION_OUT_OF_RANGE,
                    "topic %s has the partitions 0 to %d, not %d"
                        .formatted(topic.name(), topic.partitions() - 1, partition))
                .with("field", "partition"));
  }

  private static Refusal notFound(long consumerId) {
    return Refusal.of(RefusalCode.CONSUMER_NOT_FOUND, "there is no consumer " + consumerId);
  }

  private static Refusal notReady(ServingCluster cluster) {
    return Refusal.of(RefusalCode.NOT_READY, "cluster " + cluster.name() + " is still catching up")
        .with("retry_after_seconds", 1);
  }
}
