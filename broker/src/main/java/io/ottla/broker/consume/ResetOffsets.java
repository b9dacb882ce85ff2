package io.ottla.broker.consume;

import io.ottla.broker.Answer;
import io.ottla.broker.Refusal;
import io.ottla.broker.ServingCluster;
import io.ottla.broker.TopicDirectory;
import io.ottla.broker.TopicDirectory.TopicRef;
import io.ottla.broker.store.PartitionReader;
import io.ottla.groups.GroupRequest;
import io.ottla.groups.GroupRequest.Target;
import io.ottla.groups.TopicPartition;
import io.ottla.metadata.Names;
import io.ottla.metadata.Topic;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/** Sets the commits of a group that has no active members. Thread-safe. */
final class ResetOffsets {
  private final TopicDirectory directory;
  private final GroupCoordinators coordinators;

  ResetOffsets(TopicDirectory directory, GroupCoordinators coordinators) {
    this.directory = directory;
    this.coordinators = coordinators;
  }

  Answer<CommitResult> reset(CommitRequest.Reset request) {
    if (!Names.isLabel(request.group())) {
      return Answer.refused(
          Refusal.invalid("group", "group must have 1 to 249 printable characters"));
    }
    return directory
        .topic(request.cluster(), request.topic())
        .then(
            found ->
                LeaderWait.in(found.cluster(), () -> targets(found, request))
                    .then(targets -> reset(found.cluster(), request, targets)));
  }

  private static Answer<SortedMap<TopicPartition, Target>> targets(
      TopicRef found, CommitRequest.Reset request) {
    return request.to().isPresent()
        ? everywhere(found, request.to().get())
        : CommitOffsets.targets(
            request.offsets(),
            name ->
                name.isEmpty() || name.get().equals(found.topic().name())
                    ? Answer.ok(found.topic())
                    : Answer.refused(
                        Refusal.invalid("topic", "a reset is of one topic: " + request.topic())));
  }

  private static Answer<SortedMap<TopicPartition, Target>> everywhere(
      TopicRef found, StartFrom to) {
    Topic topic = found.topic();
    SortedMap<TopicPartition, Target> targets = new TreeMap<>();
    for (int i = 0; i < topic.partitions(); i++) {
      TopicPartition partition = new TopicPartition(topic.id(), i);
      Optional<PartitionReader> leader = ClusterTopics.leader(found.cluster(), partition);
      OptionalLong offset =
          leader.isEmpty()
              ? OptionalLong.empty()
              : StartOffsets.find(leader.get(), topic.id(), i, to);
      if (offset.isEmpty()) {
        return Answer.refused(
            GroupRefusals.noLeader(GroupRefusals.name(partition, found.cluster().view())));
      }
      targets.put(partition, new Target(topic.name(), offset.getAsLong(), ""));
    }
    return Answer.ok(targets);
  }

  private Answer<CommitResult> reset(
      ServingCluster cluster,
      CommitRequest.Reset request,
      SortedMap<TopicPartition, Target> targets) {
    GroupRequest.Reset reset = new GroupRequest.Reset(request.group(), targets);
    return coordinators
        .of(cluster, request.group())
        .decide(s -> s.coordinator().reset(reset, s.topics(), s.nowMs()))
        .then(
            granted ->
                Answer.ok(
                    new CommitResult(
                        OptionalLong.empty(),
                        request.group(),
                        CommitOffsets.committed(granted.value()))));
  }
}
