package io.ottla.groups;

/** Why the coordinator says no. Nothing has changed then. Immutable. */
public sealed interface GroupRefusal {
  /** The group follows another protocol. */
  record OtherProtocol(String protocol) implements GroupRefusal {}

  /** No such member: it never subscribed, has left, or was forgotten. */
  record UnknownMember(String memberId) implements GroupRefusal {}

  /** The member has left, or was forgotten, while its poll was under way. */
  record MemberLeft(String memberId) implements GroupRefusal {}

  /** No such group. */
  record UnknownGroup(String group) implements GroupRefusal {}

  /** The member does not own the partition, or not any more. */
  record NotAssigned(TopicPartition partition) implements GroupRefusal {}

  /** This coordinator has not given the member anything yet: it is a new one. */
  record PositionLost() implements GroupRefusal {}

  /** A newer poll of the same member has begun. */
  record PollSuperseded() implements GroupRefusal {}

  /** The offset lies beyond the partition's end. */
  record BeyondEnd(TopicPartition partition, long offset, long endOffset) implements GroupRefusal {}

  /** Nobody leads the partition, so its end is not known. */
  record NoLeader(TopicPartition partition) implements GroupRefusal {}

  /** The cursor belongs to another consumer, or to an older group of that name. */
  record ForeignCursor(String memberId) implements GroupRefusal {}

  /** The group has active members. */
  record GroupActive() implements GroupRefusal {}
}
