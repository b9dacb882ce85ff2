package io.ottla.broker;

import io.ottla.metadata.MetadataCommand;
import io.ottla.metadata.MetadataResult;
import io.ottla.metadata.Topic;
import java.time.Duration;
import java.util.Optional;

/** Deletes a topic and its records. Thread-safe. */
public final class DeleteTopic {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final Deployment deployment;

  public DeleteTopic(Deployment deployment) {
    this.deployment = deployment;
  }

  /** Deletes it; answers once no leader serves its partitions any more. */
  public Answer<Done> delete(Optional<String> cluster, String name) {
    Optional<Refusal> badName = TopicRules.nameRefusal(name);
    if (badName.isPresent()) {
      return Answer.refused(badName.get());
    }
    return deployment
        .readyTopic(cluster, name)
        .then(found -> delete(found.cluster(), found.topic()));
  }

  private static Answer<Done> delete(Cluster cluster, Topic topic) {
    long deadlineNanos = System.nanoTime() + TIMEOUT.toNanos();
    return cluster
        .submit(new MetadataCommand.DeleteTopic(topic.id()), TIMEOUT)
        .then(
            result ->
                switch (result) {
                  case MetadataResult.TopicDeleted deleted ->
                      awaitGone(cluster, topic, deadlineNanos);
                  // Somebody else deleted it meanwhile, or an attempt of ours did that was not
                  // answered.
                  case MetadataResult.TopicUnknown unknown ->
                      awaitGone(cluster, topic, deadlineNanos);
                  case MetadataResult other ->
                      throw new IllegalStateException("delete topic gave " + other);
                });
  }

  private static Answer<Done> awaitGone(Cluster cluster, Topic topic, long deadlineNanos) {
    return PartitionChanges.awaitGone(cluster, topic, deadlineNanos)
        ? Answer.ok(Done.DONE)
        : Answer.refused(
            RefusalCode.NOT_READY,
            "topic "
                + topic.name()
                + " is deleted; its files go once every partition has a leader");
  }
}
