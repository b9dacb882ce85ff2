package io.ottla.broker.produce;

import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.ServingCluster;
import io.ottla.broker.TopicDirectory;
import io.ottla.broker.store.ProducerClaim;
import io.ottla.metadata.ClusterView;
import io.ottla.metadata.Topic;
import java.util.List;
import java.util.Optional;

/** Whether a producer may send to a cluster. Stateless. */
final class ProducerCheck {
  private static final int RETRY_AFTER_SECONDS = 5;

  private ProducerCheck() {}

  /** Why it may not; it says whether what it sends may have been appended before. */
  static Optional<Refusal> refusal(
      TopicDirectory directory, ServingCluster cluster, Optional<ProducerSequence> producer) {
    return producer.isEmpty()
        ? Optional.empty()
        : refusal(directory, cluster, producer.get().producerId());
  }

  private static Optional<Refusal> refusal(
      TopicDirectory directory, ServingCluster cluster, long id) {
    ClusterView view = cluster.view();
    if (view.producer(id).isPresent()) {
      return Optional.empty();
    }
    boolean elsewhere =
        directory.clusterOfId(id).filter(other -> other.id().equals(cluster.id())).isEmpty();
    if (elsewhere) {
      return Optional.of(unknown(cluster, id));
    }
    if (!cluster.viewIsCurrent()) {
      return Optional.of(
          Refusal.of(RefusalCode.NOT_READY, "cluster " + cluster.name() + " is not ready")
              .with("retry_after_seconds", 1)
              .notAppended());
    }
    // Looked at once more: what the first view did not have yet, a current one has.
    ClusterView current = cluster.view();
    if (current.producer(id).isPresent()) {
      return Optional.empty();
    }
    return Optional.of(
        current.hasRegisteredProducer(id)
            ? Refusal.of(
                    RefusalCode.PRODUCER_EXPIRED,
                    "producer " + id + " was idle for too long and is forgotten")
                .perhapsAppended()
            : unknown(cluster, id));
  }

  /**
   * Why none of the shares may be sent as memory goes: a producer begins with a partition, and
   * there is no room to remember one more.
   */
  static Optional<Refusal> noRoom(ServingCluster cluster, Topic topic, List<Share> shares) {
    for (int k = 0; k < shares.size(); k++) {
      Optional<ProducerClaim> claim = shares.get(k).claim();
      if (claim.isPresent() && !hasRoom(cluster, topic, shares.get(k).partition(), claim.get())) {
        return Optional.of(
            Refusal.of(
                    RefusalCode.TOO_MANY_PRODUCERS,
                    "there is no memory for one more producer in partition %d of topic %s"
                        .formatted(shares.get(k).partition(), topic.name()))
                .with("retry_after_seconds", RETRY_AFTER_SECONDS)
                .notAppended());
      }
    }
    return Optional.empty();
  }

  private static boolean hasRoom(
      ServingCluster cluster, Topic topic, int partition, ProducerClaim claim) {
    return cluster
        .dataGroup(topic.groupOfPartition().get(partition))
        .leaderStore()
        .map(store -> store.hasRoomFor(topic.id(), partition, claim.producer()))
        .orElse(true);
  }

  private static Refusal unknown(ServingCluster cluster, long id) {
    return Refusal.of(
            RefusalCode.UNKNOWN_PRODUCER,
            "cluster " + cluster.name() + " has no producer " + id + "; POST /producer makes one")
        .with("field", "producer_id")
        .notAppended();
  }
}
