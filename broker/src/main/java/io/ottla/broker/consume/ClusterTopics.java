package io.ottla.broker.consume;

import io.ottla.broker.DataGroup;
import io.ottla.broker.ServingCluster;
import io.ottla.broker.store.PartitionReader;
import io.ottla.groups.LogBounds;
import io.ottla.groups.TopicPartition;
import io.ottla.groups.Topics;
import io.ottla.metadata.ClusterView;
import io.ottla.metadata.Topic;
import java.util.Optional;
import java.util.UUID;

/** A cluster's topics and their leaders' extents, as group decisions see them. Immutable. */
final class ClusterTopics implements Topics, LogBounds {
  private final ServingCluster cluster;
  private final ClusterView view;
  private final boolean certain;
  private final long version;

  private ClusterTopics(ServingCluster cluster, ClusterView view, boolean certain, long version) {
    this.cluster = cluster;
    this.view = view;
    this.certain = certain;
    this.version = version;
  }

  /**
   * The topics as they are now.
   *
   * @param before an earlier snapshot, so that what has not changed is not looked through again;
   *     null if there is none
   */
  static ClusterTopics of(ServingCluster cluster, ClusterTopics before) {
    boolean certain = cluster.viewIsCurrent();
    ClusterView view = cluster.view();
    if (before != null
        && before.view.appliedIndex() == view.appliedIndex()
        && before.certain == certain) {
      return before;
    }
    return new ClusterTopics(cluster, view, certain, digest(view, certain));
  }

  private static long digest(ClusterView view, boolean certain) {
    long digest = certain ? 1 : 2;
    for (Topic topic : view.topics()) {
      UUID id = topic.id();
      digest = 31 * digest + id.getMostSignificantBits();
      digest = 31 * digest + id.getLeastSignificantBits();
      digest = 31 * digest + topic.partitions();
    }
    return digest;
  }

  @Override
  public Optional<TopicLayout> named(String name) {
    return view.topic(name).map(ClusterTopics::layout);
  }

  @Override
  public Optional<TopicLayout> withId(UUID id) {
    return view.topic(id).map(ClusterTopics::layout);
  }

  private static TopicLayout layout(Topic topic) {
    return new TopicLayout(topic.id(), topic.name(), topic.partitions());
  }

  @Override
  public long version() {
    return version;
  }

  @Override
  public boolean certain() {
    return certain;
  }

  @Override
  public Optional<Bounds> of(TopicPartition partition) {
    return dataGroup(cluster, partition)
        .flatMap(DataGroup::leaderReader)
        .flatMap(reader -> reader.range(partition.topicId(), partition.partition()))
        .map(range -> new Bounds(range.startOffset(), range.endOffset()));
  }

  /** The data group that holds the partition; empty if there is no such partition now. */
  static Optional<DataGroup> dataGroup(ServingCluster cluster, TopicPartition partition) {
    return cluster
        .view()
        .topic(partition.topicId())
        .filter(topic -> partition.partition() < topic.partitions())
        .map(topic -> cluster.dataGroup(topic.groupOfPartition().get(partition.partition())));
  }

  /** Reads the partition at its leader; empty while it has none. */
  static Optional<PartitionReader> leader(ServingCluster cluster, TopicPartition partition) {
    return dataGroup(cluster, partition).flatMap(DataGroup::leaderReader);
  }
}
