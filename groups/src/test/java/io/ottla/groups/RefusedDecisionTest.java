package io.ottla.groups;

import static io.ottla.groups.World.manual;
import static io.ottla.groups.World.polling;
import static io.ottla.groups.World.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ottla.groups.GroupCoordinator.PollStanding;
import io.ottla.groups.GroupReply.Delivered;
import io.ottla.groups.GroupReply.PollPlan;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * What a refused decision did to a session is taken back: a member goes on where it was, neither
 * before nor behind.
 */
class RefusedDecisionTest {
  private final World world = new World().topic("one", 1).topic("liked", 6);
  private final TopicPartition one = world.partition("one", 0);

  @Test
  void aMemberThatDidNotLeaveAfterAllIsWhereItWas() {
    world.poll(manual(polling("g", "1", "one")), 3);
    PollPlan underWay = world.plan(manual(polling("g", "1")));
    world.decided(world.coordinator.leave(new GroupRequest.Leave("g", "1"), world));

    world.refuse();

    assertThat(world.position("g", one)).hasValue(3);
    world.deliver(underWay, 4);
    assertThat(world.plan(manual(polling("g", "1"))).positions()).containsEntry(one, 7L);
  }

  @Test
  void aMemberThatDidNotComeBackAfterAllIsWhereItWas() {
    world.poll(manual(polling("g", "1", "one")), 3);
    world.decided(world.coordinator.leave(new GroupRequest.Leave("g", "1"), world));
    world.decided(
        world.coordinator.poll(manual(polling("g", "1", "one")), world, world, world.nowMs));

    world.refuse();

    assertThat(world.plan(manual(polling("g", "1"))).positions()).containsEntry(one, 3L);
  }

  @Test
  void aMemberWhosePositionIsLostDoesNotGetItBackByAReturnThatIsRefused() {
    world.poll(manual(polling("g", "1", "one")), 3);
    world.failOver();
    world.decided(world.coordinator.leave(new GroupRequest.Leave("g", "1"), world));
    world.decided(
        world.coordinator.join(
            new GroupRequest.Join("g", "1", World.to("one")), world, world.nowMs));

    world.refuse();

    assertThat(
            world.denied(
                world.coordinator.commit(
                    new GroupRequest.CommitPosition("g", "1"), world, world, world.nowMs)))
        .isEqualTo(new GroupRefusal.PositionLost());
  }

  @Test
  void aPollThatWasRefusedEndsNoOlderOne() {
    world.poll(manual(polling("g", "1", "one")), 3);
    PollPlan older = world.plan(manual(polling("g", "1")));
    world.decided(
        world.coordinator.poll(polling("g", "1", "liked", "one"), world, world, world.nowMs));
    assertThat(world.coordinator.standing(older)).isEqualTo(PollStanding.SUPERSEDED);

    world.refuse();

    assertThat(world.coordinator.standing(older)).isEqualTo(PollStanding.CURRENT);
    world.deliver(older, 4);
    assertThat(world.position("g", one)).hasValue(7);
  }

  @Test
  void anAutomaticCommitThatWasRefusedIsMadeByTheNextPoll() {
    world.poll(polling("g", "1", "one"), 3);
    world.nowMs += 2_000;
    world.decided(world.coordinator.poll(polling("g", "1"), world, world, world.nowMs));

    world.refuse();
    world.plan(polling("g", "1"));

    assertThat(world.committed("g", one)).isEqualTo(3);
  }

  @Test
  void whatAMemberDidNotLetGoAfterAllIsWhereItWas() {
    world.poll(manual(polling("g", "1", "liked")), 3);
    world.plan(polling("g", "2", "liked"));
    Delivered told = world.poll(manual(polling("g", "1")), 0);
    Set<TopicPartition> going = told.membership().revoking().keySet();
    assertThat(going).hasSize(3);
    world.decided(world.coordinator.poll(manual(polling("g", "1")), world, world, world.nowMs));

    world.refuse();

    assertThat(going).allSatisfy(p -> assertThat(world.position("g", p)).hasValue(3));
  }

  @Test
  void whatAnAnswerDoesNotGiveIsNotForgottenWhileItsLossMayBeRefused() {
    world.poll(manual(polling("g", "1", "one")), 3);
    PollPlan underWay = world.plan(manual(polling("g", "1")));
    world.nowMs += 50_000;
    world.granted(world.coordinator.tick(world, world.nowMs));
    world.decided(world.coordinator.poll(polling("g", "2", "one"), world, world, world.nowMs));
    var answer = world.decided(world.coordinator.delivered(underWay, Map.of(one, 9L), world.nowMs));
    assertThat(answer.outcome()).isInstanceOf(Decision.Granted.class);

    world.refuse();

    assertThat(world.plan(manual(polling("g", "1"))).positions()).containsEntry(one, 3L);
  }

  @Test
  void noPositionStaysAtACommitThatWasRefused() {
    world.poll(manual(polling("g", "1", "one")), 3);
    commitExactly(13);
    world.apply();
    world.failOver();
    commitExactly(44);
    world.decided(world.coordinator.poll(manual(polling("g", "1")), world, world, world.nowMs));

    world.refuse();

    assertThat(world.plan(manual(polling("g", "1"))).positions()).containsEntry(one, 13L);
  }

  @Test
  void aSeekThatWasRefusedMovesNothing() {
    world.poll(manual(polling("g", "1", "one")), 3);
    world.decided(
        world.coordinator.join(
            new GroupRequest.Join("g", "2", World.to("one")), world, world.nowMs));
    var seek = new GroupRequest.Seek("g", "1", new TreeMap<>(Map.of(one, 500L)));
    assertThat(world.decided(world.coordinator.seek(seek, world, world.nowMs)).sequence())
        .isPositive();

    world.refuse();

    assertThat(world.plan(manual(polling("g", "1"))).positions()).containsEntry(one, 3L);
  }

  @Test
  void aCursorOfAPollThatWasRefusedMovesNothing() {
    Delivered first = world.poll(manual(polling("g", "1", "one")), 3);
    world.poll(manual(polling("g", "1")), 4);
    world.decided(
        world.coordinator.poll(
            with(polling("g", "1", "liked", "one"), first.cursor()), world, world, world.nowMs));

    world.refuse();

    assertThat(world.plan(manual(polling("g", "1"))).positions()).containsEntry(one, 7L);
  }

  @Test
  void membersOfAGroupThatWasNotDeletedAfterAllAreWhereTheyWere() {
    world.poll(manual(polling("g", "1", "one")), 3);
    world.nowMs += 50_000;
    world.granted(world.coordinator.tick(world, world.nowMs));
    world.decided(world.coordinator.delete(new GroupRequest.Delete("g")));

    world.refuse();

    assertThat(world.plan(manual(polling("g", "1"))).positions()).containsEntry(one, 3L);
  }

  @Test
  void aMemberThatWasNotForgottenAfterAllIsWhereItWas() {
    world.poll(manual(polling("g", "1", "one")), 3);
    world.nowMs += 50_000;
    world.granted(world.coordinator.tick(world, world.nowMs));
    world.nowMs += GroupCoordinator.FORGET_AFTER_MS + 1;
    var ticked = world.decided(world.coordinator.tick(world, world.nowMs));
    assertThat(((Decision.Granted<GroupReply.Forgotten>) ticked.outcome()).value().members())
        .hasSize(1);

    world.refuse();

    assertThat(world.plan(manual(polling("g", "1"))).positions()).containsEntry(one, 3L);
  }

  @Test
  void whatWasAppliedBeforeTheRefusalStands() {
    world.poll(manual(polling("g", "1", "one")), 3);
    world.granted(world.coordinator.leave(new GroupRequest.Leave("g", "1"), world));
    world.poll(manual(polling("g", "1", "one")), 5);
    world.decided(world.coordinator.leave(new GroupRequest.Leave("g", "1"), world));

    world.refuse();

    assertThat(world.position("g", one)).hasValue(5);
  }

  @Test
  void aPlanThatIsNotAppliedIsNoPlanYet() {
    var begun =
        world.decided(world.coordinator.poll(polling("g", "1", "one"), world, world, world.nowMs));
    PollPlan plan = ((Decision.Granted<PollPlan>) begun.outcome()).value();

    assertThatThrownBy(() -> world.coordinator.started(plan, Map.of(one, 0L), world.nowMs))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> world.coordinator.delivered(plan, Map.of(one, 9L), world.nowMs))
        .isInstanceOf(IllegalStateException.class);
    world.apply();
    world.deliver(plan, 9);
    assertThat(world.position("g", one)).hasValue(9);
  }

  @Test
  void aStartThatIsToldTwiceMovesNothing() {
    PollPlan plan = world.plan(manual(polling("g", "1", "one")));
    world.deliver(plan, 9);

    world.granted(world.coordinator.started(plan, Map.of(one, 500L), world.nowMs));

    assertThat(world.position("g", one)).hasValue(9);
  }

  @Test
  void aStartGivesWayToACommitMadeMeanwhile() {
    var latest = new Subscription(List.of("one"), StartFrom.LATEST, 45_000, false);
    world.granted(
        world.coordinator.join(new GroupRequest.Join("g", "1", latest), world, world.nowMs));
    PollPlan plan = world.plan(polling("g", "1"));
    assertThat(plan.starts()).containsOnlyKeys(one);
    commitExactly(13);
    world.apply();

    PollPlan started =
        world.granted(world.coordinator.started(plan, Map.of(one, 1_000L), world.nowMs));

    assertThat(started.positions()).containsEntry(one, 13L);
    assertThat(world.committed("g", one)).isEqualTo(13);
  }

  private void commitExactly(long offset) {
    var targets = new TreeMap<>(Map.of(one, new GroupRequest.Target("one", offset, "")));
    world.decided(
        world.coordinator.commit(
            new GroupRequest.CommitOffsets("g", "1", targets), world, world.nowMs));
  }
}
