package io.ottla.broker.consume;

import io.ottla.broker.Answer;
import io.ottla.broker.TopicDirectory;
import io.ottla.broker.consume.Consumers.Found;
import io.ottla.groups.Group;
import io.ottla.groups.GroupReply.Membership;
import io.ottla.groups.Member;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Shows one consumer. Thread-safe. */
public final class DescribeConsumer {
  private final Consumers consumers;
  private final GroupCoordinators coordinators;

  public DescribeConsumer(TopicDirectory directory, GroupCoordinators coordinators) {
    this.consumers = new Consumers(directory);
    this.coordinators = coordinators;
  }

  /** The consumer as its group's coordinator has it on record. */
  public Answer<ConsumerDescription> describe(long consumerId) {
    return consumers
        .find(consumerId)
        .then(found -> LeaderWait.in(found.cluster(), () -> describe(found)));
  }

  private Answer<ConsumerDescription> describe(Found found) {
    String group = found.consumer().group();
    return coordinators
        .of(found.cluster(), group)
        .see(group, _ -> Set.of())
        .map(sight -> Answer.ok(describe(found, sight.group())))
        .orElseGet(
            () -> Answer.refused(GroupRefusals.noLeader("the coordinator of group " + group)));
  }

  private static ConsumerDescription describe(Found found, Group group) {
    Optional<Member> member = group.member(found.memberId());
    Membership membership =
        member
            .map(known -> Membership.of(group.generation(), known))
            .orElseGet(() -> new Membership(group.generation(), new TreeMap<>(), new TreeMap<>()));
    return new ConsumerDescription(
        found.cluster().name(),
        found.consumer().createdAtMs(),
        member.map(known -> ConsumerSettings.ofGroups(known.subscription())),
        member.map(Member::active).orElse(false),
        ConsumerMembership.of(found, membership));
  }
}
