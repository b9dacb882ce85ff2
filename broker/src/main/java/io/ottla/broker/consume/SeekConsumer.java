package io.ottla.broker.consume;

import io.ottla.broker.Answer;
import io.ottla.broker.Refusal;
import io.ottla.broker.TopicDirectory;
import io.ottla.broker.consume.CommitRequest.PartitionOffset;
import io.ottla.broker.consume.Consumers.Found;
import io.ottla.broker.consume.SeekResult.Position;
import io.ottla.broker.store.PartitionReader;
import io.ottla.groups.GroupReply.MemberName;
import io.ottla.groups.GroupReply.Membership;
import io.ottla.groups.GroupRequest;
import io.ottla.groups.GroupRequest.Target;
import io.ottla.groups.GroupView;
import io.ottla.groups.Member;
import io.ottla.groups.Ownership;
import io.ottla.groups.TopicPartition;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/** Moves a consumer's positions; what it committed stays. Thread-safe. */
public final class SeekConsumer {
  private final Consumers consumers;
  private final GroupCoordinators coordinators;

  public SeekConsumer(TopicDirectory directory, GroupCoordinators coordinators) {
    this.consumers = new Consumers(directory);
    this.coordinators = coordinators;
  }

  /** Seeks; a poll of the consumer that is under way ends. */
  public Answer<SeekResult> seek(SeekRequest request) {
    return consumers
        .find(request.consumerId())
        .then(
            found ->
                LeaderWait.in(found.cluster(), () -> targets(found, request))
                    .then(targets -> seek(found, runner(found), targets)));
  }

  private CoordinatorRunner runner(Found found) {
    return coordinators.of(found.cluster(), found.consumer().group());
  }

  private Answer<SortedMap<TopicPartition, Target>> targets(Found found, SeekRequest request) {
    return switch (request) {
      case SeekRequest.Offsets(long _, List<PartitionOffset> offsets) ->
          CommitOffsets.targets(offsets, name -> CommitOffsets.topicOf(found, runner(found), name));
      case SeekRequest.To(long _, StartFrom to) -> everywhere(found, to);
    };
  }

  /** That place in each partition that it is assigned as far as is applied. */
  private Answer<SortedMap<TopicPartition, Target>> everywhere(Found found, StartFrom to) {
    Optional<GroupView> groups = runner(found).groups();
    if (groups.isEmpty()) {
      return Answer.refused(
          GroupRefusals.noLeader("the coordinator of group " + found.consumer().group()));
    }
    SortedMap<TopicPartition, Target> targets = new TreeMap<>();
    for (Map.Entry<TopicPartition, Ownership> owned : assigned(found, groups.get()).entrySet()) {
      TopicPartition partition = owned.getKey();
      Optional<PartitionReader> leader = ClusterTopics.leader(found.cluster(), partition);
      OptionalLong offset =
          leader.isEmpty()
              ? OptionalLong.empty()
              : StartOffsets.find(leader.get(), partition.topicId(), partition.partition(), to);
      if (offset.isEmpty()) {
        Refusal refusal =
            GroupRefusals.noLeader(GroupRefusals.name(partition, found.cluster().view()));
        return Answer.refused(refusal);
      }
      targets.put(partition, new Target(owned.getValue().topic(), offset.getAsLong(), ""));
    }
    return Answer.ok(targets);
  }

  private static Map<TopicPartition, Ownership> assigned(Found found, GroupView groups) {
    Optional<Member> member =
        groups.group(found.consumer().group()).flatMap(group -> group.member(found.memberId()));
    return member.map(known -> Membership.of(0, known).assigned()).orElse(new TreeMap<>());
  }

  private static Answer<SeekResult> seek(
      Found found, CoordinatorRunner runner, SortedMap<TopicPartition, Target> targets) {
    String group = found.consumer().group();
    SortedMap<TopicPartition, Long> offsets = new TreeMap<>();
    targets.forEach((partition, target) -> offsets.put(partition, target.offset()));
    var seek = new GroupRequest.Seek(group, found.memberId(), offsets);
    return runner
        .decide(s -> s.coordinator().seek(seek, s.topics(), s.nowMs()))
        .then(
            _ -> {
              runner.polls().wake(new MemberName(group, found.memberId()));
              return Answer.ok(new SeekResult(found.consumer().id(), group, positions(targets)));
            });
  }

  private static List<Position> positions(SortedMap<TopicPartition, Target> targets) {
    return targets.entrySet().stream()
        .map(
            entry ->
                new Position(
                    entry.getValue().topic(),
                    entry.getKey().partition(),
                    entry.getValue().offset()))
        .sorted(Comparator.comparing(Position::topic).thenComparingInt(Position::partition))
        .toList();
  }
}
