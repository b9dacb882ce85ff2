package io.ottla.catalog;

import java.util.List;

/**
 * All rows that a catalog shall show. Immutable.
 *
 * <p>It may be put together from parts that changed in between: a row whose parent is missing is
 * left out, a leader that is not a broker is shown as none, a commit whose group row is missing
 * gets one without an owner, and of two rows with one key the later counts. Order does not matter.
 */
public record CatalogSnapshot(
    List<ClusterRow> clusters,
    List<BrokerRow> brokers,
    List<TopicRow> topics,
    List<PartitionRow> partitions,
    List<ProducerRow> producers,
    List<ConsumerRow> consumers,
    List<ConsumerGroupRow> consumerGroups,
    List<OffsetCommitmentRow> offsetCommitments) {
  public CatalogSnapshot {
    clusters = List.copyOf(clusters);
    brokers = List.copyOf(brokers);
    topics = List.copyOf(topics);
    partitions = List.copyOf(partitions);
    producers = List.copyOf(producers);
    consumers = List.copyOf(consumers);
    consumerGroups = List.copyOf(consumerGroups);
    offsetCommitments = List.copyOf(offsetCommitments);
  }
}
