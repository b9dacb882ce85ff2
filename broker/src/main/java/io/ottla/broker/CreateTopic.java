package io.ottla.broker;

import io.ottla.metadata.ClusterIdentity;
import io.ottla.metadata.MetadataCommand;
import io.ottla.metadata.MetadataResult;
import io.ottla.metadata.TopicConfig;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;

/** Creates a topic, and answers once every partition can be written. Thread-safe. */
public final class CreateTopic {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final long DEFAULT_SEGMENT_BYTES = 128L << 20;
  private static final int DEFAULT_MAX_RECORD_BYTES = 1 << 20;

  private final Deployment deployment;

  public CreateTopic(Deployment deployment) {
    this.deployment = deployment;
  }

  /** What is asked for; what is absent has its default, partitions and retention the cluster's. */
  public record Request(
      Optional<String> cluster,
      String name,
      OptionalInt partitions,
      OptionalDouble retentionHours,
      OptionalLong retentionBytes,
      OptionalLong segmentBytes,
      Optional<String> compression,
      Optional<String> cleanupPolicy,
      OptionalInt maxRecordBytes) {}

  /** Creates it, or creates nothing. */
  public Answer<TopicDescription> create(Request request) {
    Optional<Refusal> badName = TopicRules.nameRefusal(request.name());
    if (badName.isPresent()) {
      return Answer.refused(badName.get());
    }
    return deployment.readyCluster(request.cluster()).then(cluster -> createIn(cluster, request));
  }

  private Answer<TopicDescription> createIn(Cluster cluster, Request request) {
    ClusterIdentity defaults = cluster.identity();
    int partitions = request.partitions().orElse(defaults.defaultPartitions());
    TopicConfig config =
        new TopicConfig(
            request.retentionHours().orElse(defaults.retentionHours()),
            request.retentionBytes().orElse(-1),
            request.segmentBytes().orElse(DEFAULT_SEGMENT_BYTES),
            request.compression().orElse("lz4"),
            request.cleanupPolicy().orElse("delete"),
            request.maxRecordBytes().orElse(DEFAULT_MAX_RECORD_BYTES));
    Optional<Refusal> bad =
        TopicRules.partitionsRefusal(partitions)
            .or(() -> TopicRules.configRefusal(config))
            .or(() -> TopicRules.codecRefusal(config.compression()));
    if (bad.isPresent()) {
      return Answer.refused(bad.get());
    }
    Optional<String> shortage = cluster.shortage();
    if (shortage.isPresent()) {
      return Answer.refused(TopicRules.diskFull(shortage.get()));
    }
    long deadlineNanos = System.nanoTime() + TIMEOUT.toNanos();
    var command =
        new MetadataCommand.CreateTopic(UUID.randomUUID(), request.name(), partitions, config);
    return cluster
        .submit(command, TIMEOUT)
        .then(
            result ->
                switch (result) {
                  case MetadataResult.TopicCreated created ->
                      PartitionChanges.awaitServed(cluster, created.topic(), deadlineNanos)
                          .then(topic -> Answer.ok(TopicDescriptions.of(cluster, topic)));
                  case MetadataResult.TopicExists exists ->
                      Answer.refused(
                          RefusalCode.TOPIC_EXISTS,
                          "cluster "
                              + cluster.name()
                              + " has a topic "
                              + exists.topic().name()
                              + " already");
                  case MetadataResult other ->
                      throw new IllegalStateException("create topic gave " + other);
                });
  }
}
