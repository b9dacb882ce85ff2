package io.ottla.metadata;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What became of a {@link MetadataCommand}. Immutable. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(name = "initialized", value = MetadataResult.Initialized.class),
  @JsonSubTypes.Type(name = "topic_created", value = MetadataResult.TopicCreated.class),
  @JsonSubTypes.Type(name = "topic_altered", value = MetadataResult.TopicAltered.class),
  @JsonSubTypes.Type(name = "topic_deleted", value = MetadataResult.TopicDeleted.class),
  @JsonSubTypes.Type(name = "topic_exists", value = MetadataResult.TopicExists.class),
  @JsonSubTypes.Type(name = "topic_unknown", value = MetadataResult.TopicUnknown.class),
  @JsonSubTypes.Type(name = "topic_internal", value = MetadataResult.TopicInternal.class),
  @JsonSubTypes.Type(name = "partitions_shrink", value = MetadataResult.PartitionsShrink.class),
  @JsonSubTypes.Type(name = "consumer_registered", value = MetadataResult.ConsumerRegistered.class),
  @JsonSubTypes.Type(name = "consumer_forgotten", value = MetadataResult.ConsumerForgotten.class),
  @JsonSubTypes.Type(name = "producer_registered", value = MetadataResult.ProducerRegistered.class),
  @JsonSubTypes.Type(name = "producers_expired", value = MetadataResult.ProducersExpired.class),
  @JsonSubTypes.Type(name = "not_initialized", value = MetadataResult.NotInitialized.class)
})
public sealed interface MetadataResult {
  /**
   * The cluster has an identity.
   *
   * @param identity the first one that was given; another one than the caller's means that this
   *     group belongs to another cluster
   */
  record Initialized(ClusterIdentity identity) implements MetadataResult {}

  /** The topic exists as asked, by this command or an earlier one with the same id. */
  record TopicCreated(Topic topic) implements MetadataResult {}

  /** The topic is now so. */
  record TopicAltered(Topic topic) implements MetadataResult {}

  /** The topic is gone; this is what it was. */
  record TopicDeleted(Topic topic) implements MetadataResult {}

  /** Nothing done: another topic has that name (or, by a caller's bug, that id). */
  record TopicExists(Topic topic) implements MetadataResult {}

  /** Nothing done: there is no topic of that id. */
  record TopicUnknown() implements MetadataResult {}

  /** Nothing done: the topic is the system's own. */
  record TopicInternal(Topic topic) implements MetadataResult {}

  /** Nothing done: the topic has that many partitions, more than asked. */
  record PartitionsShrink(int current) implements MetadataResult {}

  /** The consumer is known. */
  record ConsumerRegistered(Consumer consumer) implements MetadataResult {}

  /** The consumer is not known, whether it was before or not. */
  record ConsumerForgotten() implements MetadataResult {}

  /** The producer is known. */
  record ProducerRegistered(Producer producer) implements MetadataResult {}

  /** The producers are not known any more. */
  record ProducersExpired() implements MetadataResult {}

  /** Nothing done: the cluster has no identity yet. */
  record NotInitialized() implements MetadataResult {}
}
