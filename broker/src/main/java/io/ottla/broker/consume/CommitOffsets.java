package io.ottla.broker.consume;

import io.ottla.broker.Answer;
import io.ottla.broker.Refusal;
import io.ottla.broker.TopicDirectory;
import io.ottla.broker.consume.CommitRequest.PartitionOffset;
import io.ottla.broker.consume.CommitResult.Committed;
import io.ottla.broker.consume.Consumers.Found;
import io.ottla.broker.consume.CoordinatorRunner.Granted;
import io.ottla.groups.Cursor;
import io.ottla.groups.GroupReply;
import io.ottla.groups.GroupRequest;
import io.ottla.groups.GroupRequest.Target;
import io.ottla.groups.GroupView;
import io.ottla.groups.TopicPartition;
import io.ottla.metadata.Topic;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/** Commits a consumer's offsets, or resets a group's. Thread-safe. */
public final class CommitOffsets {
  private static final int MAX_METADATA_BYTES = 4096;

  private final Consumers consumers;
  private final GroupCoordinators coordinators;
  private final ResetOffsets reset;

  public CommitOffsets(TopicDirectory directory, GroupCoordinators coordinators) {
    this.consumers = new Consumers(directory);
    this.coordinators = coordinators;
    this.reset = new ResetOffsets(directory, coordinators);
  }

  /** Commits; the answer stands on a majority's disks. */
  public Answer<CommitResult> commit(CommitRequest request) {
    return switch (request) {
      case CommitRequest.Position(long consumerId) ->
          consumers.find(consumerId).then(this::commitPosition);
      case CommitRequest.UpToCursor(long consumerId, String cursor) ->
          consumers.find(consumerId).then(found -> commitCursor(found, cursor));
      case CommitRequest.Offsets(long consumerId, List<PartitionOffset> offsets) ->
          consumers.find(consumerId).then(found -> commitOffsets(found, offsets));
      case CommitRequest.Reset asked -> reset.reset(asked);
    };
  }

  private Answer<CommitResult> commitPosition(Found found) {
    var commit = new GroupRequest.CommitPosition(found.consumer().group(), found.memberId());
    return runner(found)
        .decide(s -> s.coordinator().commit(commit, s.topics(), s.topics(), s.nowMs()))
        .then(granted -> result(found, granted));
  }

  private Answer<CommitResult> commitCursor(Found found, String text) {
    Optional<Cursor> cursor = Cursor.decode(text);
    if (cursor.isEmpty()) {
      return Answer.refused(Refusal.invalid("cursor", "the cursor is not one that an answer gave"));
    }
    var commit =
        new GroupRequest.CommitCursor(found.consumer().group(), found.memberId(), cursor.get());
    return runner(found)
        .decide(s -> s.coordinator().commit(commit, s.topics(), s.topics(), s.nowMs()))
        .then(granted -> result(found, granted));
  }

  private Answer<CommitResult> commitOffsets(Found found, List<PartitionOffset> offsets) {
    return LeaderWait.in(
            found.cluster(), () -> targets(offsets, name -> topicOf(found, runner(found), name)))
        .then(
            targets -> {
              var commit =
                  new GroupRequest.CommitOffsets(
                      found.consumer().group(), found.memberId(), targets);
              return runner(found)
                  .decide(s -> s.coordinator().commit(commit, s.topics(), s.nowMs()));
            })
        .then(granted -> result(found, granted));
  }

  private CoordinatorRunner runner(Found found) {
    return coordinators.of(found.cluster(), found.consumer().group());
  }

  /** The named topic, or the only one that the consumer subscribed to. */
  static Answer<Topic> topicOf(Found found, CoordinatorRunner runner, Optional<String> name) {
    if (name.isPresent()) {
      return Consumers.topic(found.cluster(), name.get());
    }
    Optional<GroupView> groups = runner.groups();
    if (groups.isEmpty()) {
      return Answer.refused(
          GroupRefusals.noLeader("the coordinator of group " + found.consumer().group()));
    }
    List<String> subscribed =
        groups
            .get()
            .group(found.consumer().group())
            .flatMap(group -> group.member(found.memberId()))
            .map(member -> member.subscription().topics())
            .orElse(List.of());
    return subscribed.size() == 1
        ? Consumers.topic(found.cluster(), subscribed.getFirst())
        : Answer.refused(
            Refusal.invalid("topic", "topic is required: the consumer does not have exactly one"));
  }

  /** Checks offsets one by one; the first that is wrong refuses them all. */
  static Answer<SortedMap<TopicPartition, Target>> targets(
      List<PartitionOffset> offsets, Function<Optional<String>, Answer<Topic>> topics) {
    SortedMap<TopicPartition, Target> targets = new TreeMap<>();
    for (int i = 0; i < offsets.size(); i++) {
      PartitionOffset offset = offsets.get(i);
      switch (topics.apply(offset.topic())) {
        case Answer.Refused<Topic>(Refusal refusal) -> {
          return Answer.refused(refusal.with("index", i));
        }
        case Answer.Ok<Topic>(Topic topic) -> {
          Optional<Refusal> refusal = check(topic, offset);
          String metadata = offset.metadata().orElse("");
          TopicPartition partition = new TopicPartition(topic.id(), offset.partition());
          Target target = new Target(topic.name(), offset.offset(), metadata);
          if (refusal.isEmpty() && targets.put(partition, target) != null) {
            refusal =
                Optional.of(
                    Refusal.invalid(
                        "partition", "partition " + offset.partition() + " is named twice"));
          }
          if (refusal.isPresent()) {
            return Answer.refused(refusal.get().with("index", i));
          }
        }
      }
    }
    return Answer.ok(targets);
  }

  private static Optional<Refusal> check(Topic topic, PartitionOffset offset) {
    if (offset.offset() < 0) {
      return Optional.of(Refusal.invalid("offset", "offset must be 0 or more"));
    }
    int metadataBytes =
        offset.metadata().map(m -> m.getBytes(StandardCharsets.UTF_8).length).orElse(0);
    return metadataBytes > MAX_METADATA_BYTES
        ? Optional.of(
            Refusal.invalid(
                "metadata", "metadata must have at most " + MAX_METADATA_BYTES + " bytes"))
        : Consumers.outOfRange(topic, offset.partition());
  }

  private static Answer<CommitResult> result(Found found, Granted<GroupReply.Committed> granted) {
    return Answer.ok(
        new CommitResult(
            OptionalLong.of(found.consumer().id()),
            found.consumer().group(),
            committed(granted.value())));
  }

  static List<Committed> committed(GroupReply.Committed reply) {
    return reply.offsets().entrySet().stream()
        .map(
            entry ->
                new Committed(
                    entry.getValue().topic(),
                    entry.getKey().partition(),
                    entry.getValue().offset()))
        .sorted(Comparator.comparing(Committed::topic).thenComparingInt(Committed::partition))
        .toList();
  }
}
