package io.ottla.broker.consume;

import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.groups.GroupRefusal;
import io.ottla.groups.TopicPartition;
import io.ottla.metadata.ClusterView;
import io.ottla.metadata.Topic;

/** A coordinator's no, in the words of the use cases. */
final class GroupRefusals {
  private GroupRefusals() {}

  static Refusal refusal(GroupRefusal refusal, ClusterView view) {
    return switch (refusal) {
      case GroupRefusal.OtherProtocol(String protocol) ->
          Refusal.invalid("group", "the group is one of the protocol " + protocol);
      case GroupRefusal.UnknownMember(String memberId) ->
          Refusal.of(
              RefusalCode.NOT_ASSIGNED,
              "consumer " + memberId + " has no subscription: poll a topic first");
      case GroupRefusal.MemberLeft(String memberId) ->
          Refusal.of(
              RefusalCode.CONSUMER_NOT_FOUND,
              "consumer " + memberId + " has left its group meanwhile");
      case GroupRefusal.UnknownGroup(String group) ->
          Refusal.of(RefusalCode.GROUP_NOT_FOUND, "there is no group " + group);
      case GroupRefusal.NotAssigned(TopicPartition partition) ->
          Refusal.of(
                  RefusalCode.NOT_ASSIGNED,
                  "%s is not the consumer's; nothing was changed".formatted(name(partition, view)))
              .with("partition", partition.partition());
      case GroupRefusal.PositionLost() ->
          Refusal.of(
              RefusalCode.POSITION_LOST,
              "it is not known what the consumer was given: the coordinator is a new one; poll"
                  + " again, or commit by cursor or offsets");
      case GroupRefusal.PollSuperseded() ->
          Refusal.of(RefusalCode.POLL_SUPERSEDED, "a newer request of the same consumer has begun");
      case GroupRefusal.BeyondEnd(TopicPartition partition, long offset, long endOffset) ->
          Refusal.of(
                  RefusalCode.OFFSET_BEYOND_END,
                  "%s ends at %d, before %d".formatted(name(partition, view), endOffset, offset))
              .with("partition", partition.partition())
              .with("end_offset", endOffset);
      case GroupRefusal.NoLeader(TopicPartition partition) -> noLeader(name(partition, view));
      case GroupRefusal.ForeignCursor _ ->
          Refusal.invalid("cursor", "the cursor is another consumer's or another group's");
      case GroupRefusal.GroupActive() ->
          Refusal.of(RefusalCode.GROUP_ACTIVE, "the group has active members");
    };
  }

  static Refusal noLeader(String what) {
    return Refusal.of(RefusalCode.NO_LEADER, what + " has no leader at the moment")
        .with("retry_after_seconds", 1);
  }

  static String name(TopicPartition partition, ClusterView view) {
    String topic = view.topic(partition.topicId()).map(Topic::name).orElse("(deleted)");
    return "partition " + partition.partition() + " of topic " + topic;
  }
}
