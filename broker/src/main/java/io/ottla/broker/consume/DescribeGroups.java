package io.ottla.broker.consume;

import io.ottla.broker.Answer;
import io.ottla.broker.DataGroup;
import io.ottla.broker.ServingCluster;
import io.ottla.broker.TopicDirectory;
import io.ottla.broker.consume.CoordinatorRunner.Sight;
import io.ottla.broker.consume.GroupDescription.MemberDescription;
import io.ottla.broker.consume.GroupDescription.OwnedPartition;
import io.ottla.broker.consume.GroupDescription.Summary;
import io.ottla.broker.consume.OffsetsResult.PartitionProgress;
import io.ottla.groups.Group;
import io.ottla.groups.GroupHeader;
import io.ottla.groups.GroupReply.Membership;
import io.ottla.groups.GroupView;
import io.ottla.groups.Member;
import io.ottla.metadata.Topic;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Shows consumer groups as their coordinators have them on record. Thread-safe. */
public final class DescribeGroups {
  private final TopicDirectory directory;
  private final GroupCoordinators coordinators;

  public DescribeGroups(TopicDirectory directory, GroupCoordinators coordinators) {
    this.directory = directory;
    this.coordinators = coordinators;
  }

  /** Every group of the named cluster, or of all, by cluster and name. */
  public Answer<List<Summary>> all(Optional<String> cluster) {
    if (cluster.isPresent()) {
      return directory.cluster(cluster).then(one -> LeaderWait.in(one, () -> all(one)));
    }
    Answer<List<Summary>> all = Answer.ok(List.of());
    for (ServingCluster one : directory.clusters()) {
      all =
          all.then(
              before ->
                  LeaderWait.in(one, () -> all(one))
                      .then(
                          more -> {
                            List<Summary> both = new ArrayList<>(before);
                            both.addAll(more);
                            return Answer.ok(both);
                          }));
    }
    return all;
  }

  private Answer<List<Summary>> all(ServingCluster cluster) {
    List<Summary> summaries = new ArrayList<>();
    for (DataGroup dataGroup : cluster.dataGroups()) {
      Optional<GroupView> groups = coordinators.of(cluster, dataGroup).groups();
      if (groups.isEmpty()) {
        return Answer.refused(
            GroupRefusals.noLeader("the coordinator of groups in cluster " + cluster.name()));
      }
      groups.get().groups().forEach(group -> summaries.add(summary(cluster, group)));
    }
    summaries.sort(Comparator.comparing(Summary::group));
    return Answer.ok(summaries);
  }

  /** One group with its members and its progress. */
  public Answer<GroupDescription> one(Optional<String> cluster, String name) {
    return directory.cluster(cluster).then(found -> LeaderWait.in(found, () -> one(found, name)));
  }

  private Answer<GroupDescription> one(ServingCluster cluster, String name) {
    CoordinatorRunner runner = coordinators.of(cluster, name);
    return DescribeOffsets.see(runner, cluster, name, DescribeOffsets::known)
        .then(
            sight ->
                DescribeOffsets.progress(cluster, sight)
                    .then(progress -> Answer.ok(describe(cluster, sight, progress.partitions()))));
  }

  private static GroupDescription describe(
      ServingCluster cluster, Sight sight, List<PartitionProgress> progress) {
    Group group = sight.group();
    Map<PollResult.TopicPartition, OptionalLong> owners = owners(cluster, group);
    List<OwnedPartition> partitions =
        progress.stream()
            .map(
                row -> {
                  var name = new PollResult.TopicPartition(row.topic(), row.partition());
                  return new OwnedPartition(row, owners.getOrDefault(name, OptionalLong.empty()));
                })
            .toList();
    return new GroupDescription(
        summary(cluster, group),
        group.header().map(GroupHeader::protocol).orElse(GroupHeader.OTTLA),
        group.members().values().stream().map(DescribeGroups::describe).toList(),
        partitions,
        progress.stream().mapToLong(PartitionProgress::lag).sum(),
        GroupCoordinators.dataGroupOf(group.name(), cluster.dataGroups().size()) - 1);
  }

  private static Summary summary(ServingCluster cluster, Group group) {
    return new Summary(
        group.name(),
        cluster.name(),
        GroupState.of(group, cluster.view()),
        group.generation(),
        group.members().size());
  }

  private static MemberDescription describe(Member member) {
    Membership membership = Membership.of(0, member);
    return new MemberDescription(
        member.id(),
        consumerId(member),
        member.active(),
        ConsumerSettings.ofGroups(member.subscription()),
        PollAnswers.names(membership.assigned()),
        PollAnswers.names(membership.revoking()));
  }

  private static Map<PollResult.TopicPartition, OptionalLong> owners(
      ServingCluster cluster, Group group) {
    Map<PollResult.TopicPartition, OptionalLong> owners = new HashMap<>();
    for (Member member : group.members().values()) {
      member
          .owned()
          .keySet()
          .forEach(
              partition -> {
                Optional<Topic> topic = cluster.view().topic(partition.topicId());
                if (topic.isPresent()) {
                  owners.put(
                      new PollResult.TopicPartition(topic.get().name(), partition.partition()),
                      consumerId(member));
                }
              });
    }
    return owners;
  }

  /** Ours have the consumer id as member id. */
  private static OptionalLong consumerId(Member member) {
    return member.protocol().equals(GroupHeader.OTTLA)
        ? OptionalLong.of(Long.parseLong(member.id()))
        : OptionalLong.empty();
  }
}
