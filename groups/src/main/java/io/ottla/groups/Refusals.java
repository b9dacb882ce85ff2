package io.ottla.groups;

import io.ottla.groups.GroupReply.PollPlan;
import java.util.Optional;
import java.util.Set;

/** Why a request is refused, if so, by who is a member and what it owns. No state. */
final class Refusals {
  private Refusals() {}

  static Optional<GroupRefusal> pollRefusal(
      Group group, Optional<Member> known, GroupRequest.Poll request) {
    Optional<GroupRefusal> refusal = otherProtocol(group);
    if (refusal.isEmpty() && known.isEmpty() && request.ifNew().isEmpty()) {
      refusal = Optional.of(new GroupRefusal.UnknownMember(request.memberId()));
    }
    if (refusal.isEmpty() && request.cursor().isPresent()) {
      refusal = Polls.cursorRefusal(group, request.cursor().get(), request.memberId());
    }
    return refusal;
  }

  static GroupRefusal ended(PollPlan plan, Optional<Member> member) {
    return member.isEmpty()
        ? new GroupRefusal.MemberLeft(plan.memberId())
        : new GroupRefusal.PollSuperseded();
  }

  static Optional<GroupRefusal> otherProtocol(Group group) {
    return group
        .header()
        .map(GroupHeader::protocol)
        .filter(protocol -> !protocol.equals(GroupHeader.OTTLA))
        .map(GroupRefusal.OtherProtocol::new);
  }

  static Optional<GroupRefusal> notAMember(Group group, String memberId) {
    return otherProtocol(group)
        .or(
            () ->
                group.member(memberId).isEmpty()
                    ? Optional.of(new GroupRefusal.UnknownMember(memberId))
                    : Optional.empty());
  }

  static Optional<GroupRefusal> notOwned(
      Group group, String memberId, Set<TopicPartition> partitions) {
    Set<TopicPartition> owned = group.member(memberId).orElseThrow().owned().keySet();
    return partitions.stream()
        .filter(partition -> !owned.contains(partition))
        .findFirst()
        .map(GroupRefusal.NotAssigned::new);
  }

  static Optional<GroupRefusal> active(Group group) {
    return group.hasActiveMembers()
        ? Optional.of(new GroupRefusal.GroupActive())
        : Optional.empty();
  }
}
