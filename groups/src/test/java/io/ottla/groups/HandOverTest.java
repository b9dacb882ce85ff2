package io.ottla.groups;

import static io.ottla.groups.World.manual;
import static io.ottla.groups.World.polling;
import static io.ottla.groups.World.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.groups.GroupCoordinator.PollStanding;
import io.ottla.groups.GroupReply.Delivered;
import io.ottla.groups.GroupReply.PollPlan;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Groups of several members. */
class HandOverTest {
  private final World world = new World().topic("liked", 6);

  @Test
  void aPartitionMovesOnlyAfterItsOwnerWasToldAndPolledAgain() {
    world.poll(manual(polling("g", "1", "liked")), 3);
    assertThat(world.plan(polling("g", "2", "liked")).membership().assigned()).isEmpty();

    Delivered told = world.poll(manual(polling("g", "1")), 3);
    assertThat(told.membership().assigned()).hasSize(3);
    assertThat(told.membership().revoking()).hasSize(3);
    assertThat(told.accepted()).isEqualTo(told.membership().assigned().keySet());
    assertThat(world.plan(polling("g", "2")).membership().assigned()).isEmpty();

    commitCursor("1", told.cursor()); // it may still commit what moves
    Set<TopicPartition> moving = Set.copyOf(told.membership().revoking().keySet());
    world.poll(manual(polling("g", "1")), 3);
    PollPlan taken = world.plan(polling("g", "2"));

    assertThat(taken.membership().assigned().keySet()).isEqualTo(moving);
    assertThat(taken.positions().values()).containsOnly(3L);
  }

  @Test
  void lettingGoCommitsWhatWasDeliveredIfAutoCommitIsOn() {
    world.poll(polling("g", "1", "liked"), 3);
    world.poll(polling("g", "2", "liked"), 0);
    world.poll(polling("g", "1"), 3);
    world.poll(polling("g", "1"), 3);

    assertThat(world.plan(polling("g", "2")).positions()).hasSize(3).containsValue(3L);
  }

  @Test
  void aSilentMembersPartitionsGoToTheOthersAndItCannotCommitThemAnyMore() {
    Delivered before = world.poll(manual(polling("g", "1", "liked")), 3);
    world.nowMs += 40_000;
    world.poll(polling("g", "2", "liked"), 0);
    world.nowMs += 10_000;
    world.granted(world.coordinator.tick(world, world.nowMs));

    assertThat(world.plan(polling("g", "2")).membership().assigned()).hasSize(6);
    assertThat(
            world.denied(
                world.coordinator.commit(
                    new GroupRequest.CommitPosition("g", "1"), world, world, world.nowMs)))
        .isInstanceOf(GroupRefusal.NotAssigned.class);
    assertThat(
            world.denied(
                world.coordinator.commit(
                    new GroupRequest.CommitCursor("g", "1", before.cursor()),
                    world,
                    world,
                    world.nowMs)))
        .isInstanceOf(GroupRefusal.NotAssigned.class);
  }

  @Test
  void aCursorNeverRewindsAnothersWork() {
    Delivered mine = world.poll(manual(polling("g", "1", "liked")), 3);
    world.nowMs += 50_000;
    world.granted(world.coordinator.tick(world, world.nowMs));
    world.poll(polling("g", "2", "liked"), 10);
    world.nowMs += 1_000;
    world.poll(polling("g", "2"), 0);
    world.granted(world.coordinator.leave(new GroupRequest.Leave("g", "2"), world));

    PollPlan back = world.plan(with(polling("g", "1"), mine.cursor()));

    assertThat(back.positions().values()).hasSize(6).containsOnly(10L);
  }

  @Test
  void anAnswerTellsNothingThatMayYetBeRefused() {
    world.poll(polling("g", "1", "liked"), 3);
    PollPlan waiting = world.plan(polling("g", "1"));
    world.decided(world.coordinator.poll(polling("g", "2", "liked"), world, world, world.nowMs));

    var decision = world.coordinator.delivered(waiting, Map.of(), world.nowMs);

    Delivered answer = ((Decision.Granted<Delivered>) decision.outcome()).value();
    assertThat(answer.membership()).isEqualTo(waiting.membership());
    assertThat(answer.accepted()).hasSize(3); // what it is about to lose is not given any more
    world.refuse();
    assertThat(world.plan(polling("g", "1")).membership()).isEqualTo(waiting.membership());
  }

  @Test
  void aLeaverTurnsARevocationBack() {
    world.poll(polling("g", "1", "liked"), 3);
    world.poll(polling("g", "2", "liked"), 0);
    world.poll(polling("g", "1"), 3);
    world.granted(world.coordinator.leave(new GroupRequest.Leave("g", "2"), world));

    PollPlan plan = world.plan(polling("g", "1"));

    assertThat(plan.membership().assigned()).hasSize(6);
    assertThat(plan.membership().revoking()).isEmpty();
    assertThat(plan.positions()).hasSize(6);
  }

  @Test
  void aWaitingPollEndsWhenThePartitionsMove() {
    world.poll(polling("g", "1", "liked"), 3);
    PollPlan waiting = world.plan(polling("g", "1"));
    world.poll(polling("g", "2", "liked"), 0);

    assertThat(world.coordinator.standing(waiting)).isEqualTo(PollStanding.REASSIGNED);
    Delivered answer = world.deliver(waiting, 5);

    assertThat(answer.accepted()).hasSize(3);
    assertThat(answer.membership().revoking()).hasSize(3);
    for (TopicPartition revoked : answer.membership().revoking().keySet()) {
      assertThat(world.position("g", revoked)).hasValue(3);
    }
  }

  @Test
  void newPartitionsAreAssignedOnTheirOwn() {
    world.poll(polling("g", "1", "liked"), 3);
    world.topic("liked", 8);

    world.granted(world.coordinator.tick(world, world.nowMs));

    assertThat(world.plan(polling("g", "1")).membership().assigned()).hasSize(8);
  }

  @Test
  void theSameCoordinatorGoesOnAfterARefusedRound() {
    world.poll(polling("g", "1", "liked"), 3);
    world.decided(world.coordinator.poll(polling("g", "2", "liked"), world, world, world.nowMs));

    world.refuse();

    assertThat(world.table.group("g").orElseThrow().members()).containsOnlyKeys("1");
    assertThat(world.plan(polling("g", "1")).membership().revoking()).isEmpty();
    assertThat(world.plan(polling("g", "1")).positions().values()).containsOnly(3L);
  }

  @Test
  void aRefusedHandOverLeavesTheNewOwnerNoPosition() {
    world.topic("one", 1);
    TopicPartition partition = world.partition("one", 0);
    world.poll(polling("g", "2", "one"), 3);
    world.granted(world.coordinator.join(joining("1"), world, world.nowMs));
    world.poll(manual(polling("g", "1")), 0);
    world.decided(world.coordinator.leave(new GroupRequest.Leave("g", "2"), world));
    world.decided(
        world.coordinator.commit(
            new GroupRequest.CommitOffsets("g", "1", targets(partition, 20)), world, world.nowMs));
    world.decided(world.coordinator.poll(polling("g", "1"), world, world, world.nowMs));

    world.refuse();
    world.granted(world.coordinator.leave(new GroupRequest.Leave("g", "2"), world));

    PollPlan plan = world.plan(polling("g", "1"));
    assertThat(plan.positions()).isEmpty();
    assertThat(plan.starts()).containsOnlyKeys(partition);
  }

  @Test
  void aStartAtTheEndThatWasRefusedIsCommittedTheNextTime() {
    var latest = new Subscription(List.of("liked"), StartFrom.LATEST, 45_000, true);
    world.granted(
        world.coordinator.join(new GroupRequest.Join("g", "1", latest), world, world.nowMs));
    PollPlan plan = world.plan(polling("g", "1"));
    Map<TopicPartition, Long> ends = new HashMap<>();
    plan.starts().keySet().forEach(p -> ends.put(p, 1_000L));
    world.decided(world.coordinator.started(plan, ends, world.nowMs));

    world.refuse();
    world.poll(polling("g", "1"), 0);

    assertThat(world.committed("g", world.partition("liked", 5))).isEqualTo(1_000);
  }

  @Test
  void aPollThatWaitsIsNotSilentWhateverElseTheMemberDoes() {
    var waiting =
        new GroupRequest.Poll(
            "g",
            "1",
            List.of(),
            Optional.of(World.to("liked")),
            Optional.empty(),
            1_000,
            Optional.empty(),
            60_000);
    world.plan(waiting);
    world.granted(
        world.coordinator.heartbeat(new GroupRequest.Heartbeat("g", "1"), world, world.nowMs));
    world.nowMs += 50_000;

    world.granted(world.coordinator.tick(world, world.nowMs));

    assertThat(world.table.group("g").orElseThrow().hasActiveMembers()).isTrue();
  }

  @Test
  void aPollOfAMemberThatLeftEndsAndStaysEndedWhenItComesBack() {
    PollPlan older = world.plan(polling("g", "1", "liked"));
    world.granted(world.coordinator.leave(new GroupRequest.Leave("g", "1"), world));

    assertThat(world.coordinator.standing(older)).isEqualTo(PollStanding.GONE);
    assertThat(world.denied(world.coordinator.delivered(older, Map.of(), world.nowMs)))
        .isEqualTo(new GroupRefusal.MemberLeft("1"));
    world.plan(polling("g", "1", "liked"));
    assertThat(world.denied(world.coordinator.delivered(older, Map.of(), world.nowMs)))
        .isEqualTo(new GroupRefusal.PollSuperseded());
  }

  @Test
  void aPositionIsCommittedWholeOrNotAtAll() {
    world.poll(manual(polling("g", "1", "liked")), 3);
    world.nowMs += 50_000;
    world.granted(world.coordinator.tick(world, world.nowMs));
    world.poll(polling("g", "2", "liked"), 0);
    world.granted(
        world.coordinator.heartbeat(new GroupRequest.Heartbeat("g", "1"), world, world.nowMs));
    world.poll(manual(polling("g", "2")), 0);
    world.poll(manual(polling("g", "2")), 0);
    assertThat(world.table.group("g").orElseThrow().members().get("1").owned()).hasSize(3);

    assertThat(
            world.denied(
                world.coordinator.commit(
                    new GroupRequest.CommitPosition("g", "1"), world, world, world.nowMs)))
        .isInstanceOf(GroupRefusal.NotAssigned.class);
    assertThat(world.table.group("g").orElseThrow().offsets()).isEmpty();
  }

  @Test
  void aGroupIsDeletedWithItsSilentMembers() {
    world.poll(polling("g", "1", "liked"), 3);
    assertThat(world.denied(world.coordinator.delete(new GroupRequest.Delete("g"))))
        .isEqualTo(new GroupRefusal.GroupActive());
    world.nowMs += 50_000;
    world.granted(world.coordinator.tick(world, world.nowMs));

    var gone = world.granted(world.coordinator.delete(new GroupRequest.Delete("g")));

    assertThat(gone.members()).containsExactly(new GroupReply.MemberName("g", "1"));
    assertThat(world.table.groups()).isEmpty();
    assertThat(world.denied(world.coordinator.delete(new GroupRequest.Delete("g"))))
        .isEqualTo(new GroupRefusal.UnknownGroup("g"));
  }

  @Test
  void anAnswerWaitsForWhatItRestsOn() {
    var joined = world.coordinator.poll(polling("g", "1", "liked"), world, world, world.nowMs);
    var again = world.coordinator.poll(polling("g", "1"), world, world, world.nowMs);

    assertThat(again.records()).isEmpty();
    assertThat(again.sequence()).isEqualTo(joined.sequence()).isPositive();
    world.decided(joined);
    world.apply();
    assertThat(world.coordinator.poll(polling("g", "1"), world, world, world.nowMs).sequence())
        .isZero();
  }

  private static GroupRequest.Join joining(String member) {
    return new GroupRequest.Join("g", member, World.to("one"));
  }

  private static SortedMap<TopicPartition, GroupRequest.Target> targets(
      TopicPartition partition, long offset) {
    return new TreeMap<>(Map.of(partition, new GroupRequest.Target("one", offset, "")));
  }

  private void commitCursor(String member, Cursor cursor) {
    world.granted(
        world.coordinator.commit(
            new GroupRequest.CommitCursor("g", member, cursor), world, world, world.nowMs));
  }
}
