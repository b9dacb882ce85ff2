package io.ottla.broker;

import io.ottla.metadata.MetadataCommand;
import io.ottla.metadata.MetadataResult;
import io.ottla.metadata.Topic;
import io.ottla.metadata.TopicConfig;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Changes a topic's retention or compression, or gives it more partitions. Thread-safe. */
public final class AlterTopic {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final Deployment deployment;

  public AlterTopic(Deployment deployment) {
    this.deployment = deployment;
  }

  /** What to change; what is absent stays. */
  public record Request(
      Optional<String> cluster,
      String name,
      OptionalInt partitions,
      OptionalDouble retentionHours,
      OptionalLong retentionBytes,
      Optional<String> compression) {}

  /** Changes it, or changes nothing. */
  public Answer<TopicDescription> alter(Request request) {
    Optional<Refusal> badName = TopicRules.nameRefusal(request.name());
    if (badName.isPresent()) {
      return Answer.refused(badName.get());
    }
    return deployment
        .readyTopic(request.cluster(), request.name())
        .then(found -> alter(found.cluster(), found.topic(), request));
  }

  private static Answer<TopicDescription> alter(Cluster cluster, Topic topic, Request request) {
    TopicConfig before = topic.config();
    TopicConfig config =
        new TopicConfig(
            request.retentionHours().orElse(before.retentionHours()),
            request.retentionBytes().orElse(before.retentionBytes()),
            before.segmentBytes(),
            request.compression().orElse(before.compression()),
            before.cleanupPolicy(),
            before.maxRecordBytes());
    int partitions = request.partitions().orElse(topic.partitions());
    Optional<Refusal> bad =
        TopicRules.partitionsRefusal(partitions)
            .or(() -> TopicRules.configRefusal(config))
            .or(() -> request.compression().flatMap(TopicRules::codecRefusal));
    if (bad.isPresent()) {
      return Answer.refused(bad.get());
    }
    Optional<String> shortage = cluster.shortage();
    if (partitions > topic.partitions() && shortage.isPresent()) {
      return Answer.refused(TopicRules.diskFull(shortage.get()));
    }
    long deadlineNanos = System.nanoTime() + TIMEOUT.toNanos();
    return cluster
        .submit(new MetadataCommand.AlterTopic(topic.id(), config, partitions), TIMEOUT)
        .then(
            result ->
                switch (result) {
                  case MetadataResult.TopicAltered altered ->
                      PartitionChanges.awaitServed(cluster, altered.topic(), deadlineNanos)
                          .then(served -> Answer.ok(TopicDescriptions.of(cluster, served)));
                  case MetadataResult.PartitionsShrink shrink ->
                      Answer.refused(
                          Refusal.of(
                                  RefusalCode.PARTITIONS_CANNOT_SHRINK,
                                  "topic "
                                      + topic.name()
                                      + " has "
                                      + shrink.current()
                                      + " partitions; it can only get more")
                              .with("field", "partitions"));
                  case MetadataResult.TopicUnknown unknown ->
                      Answer.refused(
                          RefusalCode.TOPIC_NOT_FOUND,
                          "topic " + topic.name() + " was deleted meanwhile");
                  case MetadataResult other ->
                      throw new IllegalStateException("alter topic gave " + other);
                });
  }
}
