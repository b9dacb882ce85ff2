package io.ottla.broker;

import io.ottla.broker.store.PartitionStore;
import io.ottla.catalog.BrokerRow;
import io.ottla.catalog.CatalogSnapshot;
import io.ottla.catalog.ClusterRow;
import io.ottla.catalog.ConsumerGroupRow;
import io.ottla.catalog.ConsumerRow;
import io.ottla.catalog.OffsetCommitmentRow;
import io.ottla.catalog.PartitionRow;
import io.ottla.catalog.ProducerRow;
import io.ottla.catalog.TopicRow;
import io.ottla.groups.Group;
import io.ottla.groups.GroupHeader;
import io.ottla.groups.Member;
import io.ottla.groups.TopicPartition;
import io.ottla.metadata.ClusterIdentity;
import io.ottla.metadata.ClusterView;
import io.ottla.metadata.Topic;
import io.ottla.metadata.TopicConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/** A cluster's state as the rows of its catalog. Pure. */
final class CatalogRows {
  private CatalogRows() {}

  static CatalogSnapshot of(Cluster cluster) {
    ClusterView view = cluster.view();
    UUID clusterId = cluster.id();
    List<TopicRow> topics = new ArrayList<>();
    List<PartitionRow> partitions = new ArrayList<>();
    for (Topic topic : view.topics()) {
      topics.add(topic(clusterId, topic));
      for (int partition = 0; partition < topic.partitions(); partition++) {
        partitions.add(partition(cluster, topic, partition));
      }
    }
    List<ConsumerGroupRow> groupRows = new ArrayList<>();
    List<OffsetCommitmentRow> commits = new ArrayList<>();
    for (ClusterDataGroup dataGroup : cluster.dataGroups()) {
      Optional<PartitionStore> store = dataGroup.leaderStore().or(() -> anyStore(dataGroup));
      for (Group group : store.map(found -> found.groups().groups()).orElse(List.of())) {
        addGroup(view, group, groupRows, commits);
      }
    }
    return new CatalogSnapshot(
        List.of(cluster(cluster.identity())),
        cluster.brokers().stream().map(broker -> broker(cluster, broker)).toList(),
        topics,
        partitions,
        view.producers().stream()
            .map(p -> new ProducerRow(p.id(), clusterId, p.name(), p.createdAtMs()))
            .toList(),
        view.consumers().stream()
            .map(c -> new ConsumerRow(c.id(), clusterId, c.group(), c.createdAtMs()))
            .toList(),
        groupRows,
        commits);
  }

  private static Optional<PartitionStore> anyStore(ClusterDataGroup group) {
    return group.replicas().stream()
        .flatMap(broker -> broker.store(group.number()).stream())
        .findFirst();
  }

  private static ClusterRow cluster(ClusterIdentity identity) {
    return new ClusterRow(
        identity.clusterId(),
        identity.name(),
        identity.brokers().size(),
        ClusterLayout.replicationFactor(identity.brokers().size()),
        identity.logDirectory(),
        identity.defaultPartitions(),
        identity.retentionHours(),
        identity.createdAtMs());
  }

  private static BrokerRow broker(Cluster cluster, Broker broker) {
    var described = ClusterDescriptions.broker(cluster, broker);
    return new BrokerRow(
        described.id(),
        cluster.id(),
        described.host(),
        described.port(),
        described.state().name().toLowerCase(Locale.ROOT),
        described.directory(),
        broker.identity().createdAtMs());
  }

  private static TopicRow topic(UUID clusterId, Topic topic) {
    TopicConfig config = topic.config();
    return new TopicRow(
        topic.id(),
        clusterId,
        topic.name(),
        topic.internal(),
        topic.partitions(),
        config.retentionHours(),
        config.retentionBytes(),
        config.segmentBytes(),
        config.compression(),
        config.cleanupPolicy(),
        config.maxRecordBytes(),
        topic.createdAtMs());
  }

  private static PartitionRow partition(Cluster cluster, Topic topic, int partition) {
    ClusterDataGroup group = cluster.dataGroup(topic.groupOfPartition().get(partition));
    var leadership = group.replication().leadership();
    return new PartitionRow(
        topic.id(),
        partition,
        leadership.isPresent() ? OptionalInt.of(leadership.get().brokerId()) : OptionalInt.empty(),
        group.replicas().stream().map(Broker::id).toList(),
        topic.createdAtMs());
  }

  private static void addGroup(
      ClusterView view,
      Group group,
      List<ConsumerGroupRow> rows,
      List<OffsetCommitmentRow> commits) {
    Map<TopicPartition, String> owners = new TreeMap<>();
    for (Member member : group.members().values()) {
      member.owned().keySet().forEach(partition -> owners.put(partition, member.id()));
    }
    long createdAtMs = group.header().map(GroupHeader::createdAtMs).orElse(0L);
    var known = new TreeSet<>(owners.keySet());
    known.addAll(group.offsets().keySet());
    for (TopicPartition partition : known) {
      if (view.topic(partition.topicId()).isEmpty()) {
        continue;
      }
      var commit = group.offset(partition);
      rows.add(
          new ConsumerGroupRow(
              group.name(),
              Optional.ofNullable(owners.get(partition)),
              partition.topicId(),
              partition.partition(),
              commit.isPresent() ? OptionalLong.of(commit.get().offset()) : OptionalLong.empty(),
              createdAtMs));
      commit.ifPresent(
          committed ->
              commits.add(
                  new OffsetCommitmentRow(
                      group.name(),
                      partition.topicId(),
                      partition.partition(),
                      committed.offset(),
                      committed.metadata(),
                      committed.committedAtMs())));
    }
  }
}
