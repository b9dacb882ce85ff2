package io.ottla.broker.consume;

import io.ottla.broker.Answer;
import io.ottla.broker.DataGroup;
import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.ServingCluster;
import io.ottla.broker.TopicDirectory;
import io.ottla.broker.consume.Consumers.Found;
import io.ottla.broker.consume.CoordinatorRunner.Sight;
import io.ottla.broker.consume.OffsetsResult.PartitionProgress;
import io.ottla.broker.store.PartitionReader.Extent;
import io.ottla.groups.CommittedOffset;
import io.ottla.groups.Group;
import io.ottla.groups.TopicPartition;
import io.ottla.metadata.Topic;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** Says where consumers and groups are up to. Thread-safe. */
public final class DescribeOffsets {
  private final TopicDirectory directory;
  private final Consumers consumers;
  private final GroupCoordinators coordinators;

  public DescribeOffsets(TopicDirectory directory, GroupCoordinators coordinators) {
    this.directory = directory;
    this.consumers = new Consumers(directory);
    this.coordinators = coordinators;
  }

  /** The progress in each partition that the consumer owns, or that the group knows. */
  public Answer<OffsetsResult> describe(OffsetsRequest request) {
    return switch (request) {
      case OffsetsRequest.OfConsumer(long consumerId) ->
          consumers.find(consumerId).then(this::describe);
      case OffsetsRequest.OfGroup(Optional<String> cluster, String group, Optional<String> topic) ->
          topic.isPresent()
              ? directory
                  .topic(cluster, topic.get())
                  .then(found -> describe(found.cluster(), group, Optional.of(found.topic())))
              : directory.cluster(cluster).then(found -> describe(found, group, Optional.empty()));
    };
  }

  private Answer<OffsetsResult> describe(Found found) {
    return progress(
        found.cluster(),
        found.consumer().group(),
        group -> {
          Set<TopicPartition> owned =
              group
                  .member(found.memberId())
                  .map(member -> new TreeSet<>(member.owned().keySet()))
                  .orElse(new TreeSet<>());
          return owned.isEmpty() ? known(group) : owned;
        });
  }

  private Answer<OffsetsResult> describe(
      ServingCluster cluster, String name, Optional<Topic> topic) {
    return progress(
        cluster,
        name,
        group -> {
          if (topic.isEmpty()) {
            return known(group);
          }
          Set<TopicPartition> all = new TreeSet<>();
          for (int i = 0; i < topic.get().partitions(); i++) {
            all.add(new TopicPartition(topic.get().id(), i));
          }
          return all;
        });
  }

  /** Every partition of its topics, and every one that it has a commit in. */
  static Set<TopicPartition> known(Group group) {
    Set<TopicPartition> known = new TreeSet<>(group.offsets().keySet());
    group
        .header()
        .ifPresent(
            header ->
                header
                    .topics()
                    .values()
                    .forEach(
                        topic -> {
                          for (int i = 0; i < topic.partitions(); i++) {
                            known.add(new TopicPartition(topic.id(), i));
                          }
                        }));
    return known;
  }

  private Answer<OffsetsResult> progress(
      ServingCluster cluster, String name, Function<Group, Set<TopicPartition>> wanted) {
    return LeaderWait.in(
        cluster,
        () ->
            see(coordinators.of(cluster, name), cluster, name, wanted)
                .then(sight -> progress(cluster, sight)));
  }

  /** Looks at a group that there is. */
  static Answer<Sight> see(
      CoordinatorRunner runner,
      ServingCluster cluster,
      String name,
      Function<Group, Set<TopicPartition>> wanted) {
    Optional<Sight> sight = runner.see(name, wanted);
    if (sight.isEmpty()) {
      return Answer.refused(GroupRefusals.noLeader("the coordinator of group " + name));
    }
    return sight.get().group().isEmpty()
        ? Answer.refused(
            RefusalCode.GROUP_NOT_FOUND,
            "there is no group " + name + " in cluster " + cluster.name())
        : Answer.ok(sight.get());
  }

  /** The progress in the partitions that were looked at. */
  static Answer<OffsetsResult> progress(ServingCluster cluster, Sight sight) {
    List<PartitionProgress> progress = new ArrayList<>();
    for (Map.Entry<TopicPartition, OptionalLong> entry : sight.positions().entrySet()) {
      TopicPartition partition = entry.getKey();
      Optional<Topic> topic = cluster.view().topic(partition.topicId());
      if (topic.isEmpty()) {
        continue;
      }
      Optional<Extent> extent = extent(cluster, partition);
      if (extent.isEmpty()) {
        Refusal refusal = GroupRefusals.noLeader(GroupRefusals.name(partition, cluster.view()));
        return Answer.refused(refusal);
      }
      Optional<CommittedOffset> committed = sight.group().offset(partition);
      progress.add(progress(topic.get(), partition, extent.get(), entry.getValue(), committed));
    }
    progress.sort(
        Comparator.comparing(PartitionProgress::topic)
            .thenComparingInt(PartitionProgress::partition));
    return Answer.ok(new OffsetsResult(sight.group().name(), progress));
  }

  private static PartitionProgress progress(
      Topic topic,
      TopicPartition partition,
      Extent extent,
      OptionalLong position,
      Optional<CommittedOffset> commit) {
    OptionalLong committed =
        commit.map(c -> OptionalLong.of(c.offset())).orElse(OptionalLong.empty());
    long doneUpTo = Math.max(committed.orElse(0), extent.startOffset());
    return new PartitionProgress(
        topic.name(),
        partition.partition(),
        position,
        committed,
        extent.endOffset(),
        Math.max(0, extent.endOffset() - doneUpTo));
  }

  private static Optional<Extent> extent(ServingCluster cluster, TopicPartition partition) {
    Optional<DataGroup> dataGroup = ClusterTopics.dataGroup(cluster, partition);
    return dataGroup
        .flatMap(DataGroup::leaderReader)
        .or(() -> dataGroup.flatMap(DataGroup::surestReader))
        .flatMap(reader -> reader.extent(partition.topicId(), partition.partition()));
  }
}
