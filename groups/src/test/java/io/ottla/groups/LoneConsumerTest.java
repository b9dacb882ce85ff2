package io.ottla.groups;

import static io.ottla.groups.World.manual;
import static io.ottla.groups.World.polling;
import static io.ottla.groups.World.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.groups.GroupCoordinator.PollStanding;
import io.ottla.groups.GroupReply.Delivered;
import io.ottla.groups.GroupReply.PollPlan;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Groups of one member. */
class LoneConsumerTest {
  private static final String GROUP = "consumer-7";
  private static final String ME = "7";

  private final World world = new World().topic("liked", 2);
  private final TopicPartition p0 = world.partition("liked", 0);
  private final TopicPartition p1 = world.partition("liked", 1);

  @Test
  void subscribingAssignsEveryPartitionFromTheStart() {
    world.log(p0, 5, 9);

    PollPlan plan = world.plan(polling(GROUP, ME, "liked"));

    assertThat(plan.membership().generation()).isEqualTo(1);
    assertThat(plan.membership().assigned().keySet()).containsExactly(p0, p1);
    assertThat(plan.starts())
        .containsOnly(Map.entry(p0, StartFrom.EARLIEST), Map.entry(p1, StartFrom.EARLIEST));
    assertThat(world.deliver(plan, 2).cursor().places().get(p0).nextOffset()).isEqualTo(7);
  }

  @Test
  void aLaterPollCommitsWhatEarlierAnswersDelivered() {
    world.poll(polling(GROUP, ME, "liked"), 3);
    world.poll(polling(GROUP, ME), 3);
    assertThat(world.committed(GROUP, p0)).isEqualTo(-1);

    world.nowMs += 1_000;
    world.poll(polling(GROUP, ME), 3);

    assertThat(world.committed(GROUP, p0)).isEqualTo(6);
    assertThat(world.position(GROUP, p0)).hasValue(9);
  }

  @Test
  void withoutAutoCommitOnlyACommitCommits() {
    world.poll(manual(polling(GROUP, ME, "liked")), 3);
    world.nowMs += 10_000;
    world.poll(manual(polling(GROUP, ME)), 3);
    assertThat(world.committed(GROUP, p0)).isEqualTo(-1);

    var committed =
        world.granted(
            world.coordinator.commit(
                new GroupRequest.CommitPosition(GROUP, ME), world, world, world.nowMs));

    assertThat(committed.offsets().get(p0).offset()).isEqualTo(6);
    assertThat(world.committed(GROUP, p1)).isEqualTo(6);
  }

  @Test
  void theSameCursorGivesTheSameEventsAgain() {
    Delivered first = world.poll(manual(polling(GROUP, ME, "liked")), 3);
    world.poll(manual(polling(GROUP, ME)), 4);

    for (int i = 0; i < 2; i++) {
      PollPlan again = world.plan(with(polling(GROUP, ME), first.cursor()));
      assertThat(again.positions()).containsOnly(Map.entry(p0, 3L), Map.entry(p1, 3L));
      world.deliver(again, 4);
    }
  }

  @Test
  void aPollWithAnOldCursorCommitsNoFurtherThanTheCursor() {
    Delivered first = world.poll(polling(GROUP, ME, "liked"), 3);
    world.poll(polling(GROUP, ME), 4); // its answer is lost
    world.nowMs += 1_000;

    world.poll(with(polling(GROUP, ME), first.cursor()), 4);

    assertThat(world.committed(GROUP, p0)).isEqualTo(3);
  }

  @Test
  void aCursorHoldsAtANewCoordinator() {
    Delivered first = world.poll(polling(GROUP, ME, "liked"), 3);
    world.failOver();

    PollPlan plan = world.plan(with(polling(GROUP, ME), first.cursor()));

    assertThat(plan.positions()).containsEntry(p0, 3L);
  }

  @Test
  void aNewCoordinatorStartsAtTheCommitAndKnowsNoPositionBeforeAPoll() {
    world.poll(manual(polling(GROUP, ME, "liked")), 3);
    var commit = new GroupRequest.CommitPosition(GROUP, ME);
    world.granted(world.coordinator.commit(commit, world, world, world.nowMs));
    world.poll(manual(polling(GROUP, ME)), 3);
    world.failOver();

    assertThat(world.denied(world.coordinator.commit(commit, world, world, world.nowMs)))
        .isEqualTo(new GroupRefusal.PositionLost());
    assertThat(world.plan(polling(GROUP, ME)).positions()).containsEntry(p0, 3L);
  }

  @Test
  void aNewerPollEndsTheOlderWithThePositionUnmoved() {
    world.poll(polling(GROUP, ME, "liked"), 3);
    PollPlan older = world.plan(polling(GROUP, ME));
    PollPlan newer = world.plan(polling(GROUP, ME));

    assertThat(world.coordinator.standing(older)).isEqualTo(PollStanding.SUPERSEDED);
    assertThat(world.coordinator.standing(newer)).isEqualTo(PollStanding.CURRENT);
    assertThat(world.denied(world.coordinator.delivered(older, Map.of(p0, 99L), world.nowMs)))
        .isEqualTo(new GroupRefusal.PollSuperseded());
    assertThat(world.position(GROUP, p0)).hasValue(3);
  }

  @Test
  void commitsByPositionAndCursorNeverLowerButExplicitOnesDo() {
    Delivered first = world.poll(manual(polling(GROUP, ME, "liked")), 3);
    exactly(p0, 50);
    assertThat(world.committed(GROUP, p0)).isEqualTo(50);

    var byCursor = new GroupRequest.CommitCursor(GROUP, ME, first.cursor());
    var committed = world.granted(world.coordinator.commit(byCursor, world, world, world.nowMs));
    assertThat(committed.offsets().get(p0).offset()).isEqualTo(50);
    assertThat(committed.offsets().get(p1).offset()).isEqualTo(3);

    exactly(p0, 1);
    assertThat(world.committed(GROUP, p0)).isEqualTo(1);
  }

  @Test
  void whatLiesBeyondTheEndIsNotCommitted() {
    world.poll(polling(GROUP, ME, "liked"), 3);
    var offsets = new TreeMap<>(Map.of(p0, new GroupRequest.Target("liked", 1_001, "")));
    offsets.put(p1, new GroupRequest.Target("liked", 5, ""));

    GroupRefusal refusal =
        world.denied(
            world.coordinator.commit(
                new GroupRequest.CommitOffsets(GROUP, ME, offsets), world, world.nowMs));

    assertThat(refusal).isEqualTo(new GroupRefusal.BeyondEnd(p0, 1_001, 1_000));
    assertThat(world.committed(GROUP, p1)).isEqualTo(-1);
    Cursor forged =
        new Cursor(ME, createdAt(), new TreeMap<>(Map.of(p0, new Cursor.Place(1, 5_000))));
    assertThat(
            world.denied(
                world.coordinator.poll(
                    with(polling(GROUP, ME), forged), world, world, world.nowMs)))
        .isInstanceOf(GroupRefusal.BeyondEnd.class);
  }

  @Test
  void someoneElsesCursorIsRefused() {
    Delivered first = world.poll(polling(GROUP, ME, "liked"), 3);
    Cursor foreign = new Cursor("8", createdAt(), first.cursor().places());

    assertThat(
            world.denied(
                world.coordinator.poll(
                    with(polling(GROUP, ME), foreign), world, world, world.nowMs)))
        .isEqualTo(new GroupRefusal.ForeignCursor("8"));
  }

  @Test
  void aSilentConsumerAloneKeepsWhatNobodyElseWants() {
    world.poll(manual(polling(GROUP, ME, "liked")), 3);
    world.nowMs += 60_000;
    world.granted(world.coordinator.tick(world, world.nowMs));
    assertThat(world.table.group(GROUP).orElseThrow().hasActiveMembers()).isFalse();

    var commit = new GroupRequest.CommitPosition(GROUP, ME);
    world.granted(world.coordinator.commit(commit, world, world, world.nowMs));

    assertThat(world.committed(GROUP, p0)).isEqualTo(3);
    assertThat(world.plan(polling(GROUP, ME)).positions()).containsEntry(p0, 3L);
  }

  @Test
  void anUnusedConsumerAloneIsForgottenAfterAnHour() {
    world.poll(manual(polling(GROUP, ME, "liked")), 3);
    world.poll(manual(polling("consumer-8", "8", "liked")), 3);
    world.poll(manual(polling("consumer-8", "8")), 3);
    world.poll(manual(polling("consumer-9", "9", "liked")), 3);
    var commit = new GroupRequest.CommitPosition("consumer-9", "9");
    world.granted(world.coordinator.commit(commit, world, world, world.nowMs));
    world.poll(manual(polling("shared", "10", "liked")), 3);
    world.nowMs += 60_000;
    world.granted(world.coordinator.tick(world, world.nowMs));
    world.nowMs += GroupCoordinator.FORGET_UNUSED_AFTER_MS + 1;

    var forgotten = world.granted(world.coordinator.tick(world, world.nowMs));
    world.nowMs += 60_000;
    var inACrowd =
        world.granted(world.coordinator.tick(world, world.nowMs, true, at -> world.nowMs - at));

    assertThat(forgotten.members()).containsExactly(new GroupReply.MemberName(GROUP, ME));
    assertThat(inACrowd.members()).containsExactly(new GroupReply.MemberName("consumer-8", "8"));
    assertThat(world.committed("consumer-9", p0)).isEqualTo(3);
    assertThat(world.table.group("shared").orElseThrow().members()).containsKey("10");
  }

  @Test
  void aConsumerSilentForAWeekIsForgottenWithItsOwnGroup() {
    world.poll(polling(GROUP, ME, "liked"), 3);
    world.nowMs += 60_000;
    world.granted(world.coordinator.tick(world, world.nowMs));
    world.nowMs += GroupCoordinator.FORGET_AFTER_MS + 1;

    var forgotten = world.granted(world.coordinator.tick(world, world.nowMs));

    assertThat(forgotten.members()).containsExactly(new GroupReply.MemberName(GROUP, ME));
    assertThat(world.table.group(GROUP)).isEmpty();
    assertThat(world.denied(world.coordinator.poll(polling(GROUP, ME), world, world, world.nowMs)))
        .isEqualTo(new GroupRefusal.UnknownMember(ME));
  }

  @Test
  void aTopicMadeAgainIsAnotherTopic() {
    Delivered first = world.poll(manual(polling(GROUP, ME, "liked")), 3);
    world.granted(
        world.coordinator.commit(
            new GroupRequest.CommitPosition(GROUP, ME), world, world, world.nowMs));
    world.deleteTopic("liked");
    world.topic("liked", 2);

    PollPlan plan = world.plan(with(polling(GROUP, ME), first.cursor()));

    assertThat(plan.positions()).isEmpty();
    assertThat(plan.starts().keySet())
        .containsExactlyInAnyOrder(world.partition("liked", 0), world.partition("liked", 1));
    assertThat(world.table.group(GROUP).orElseThrow().offsets()).isEmpty();
  }

  @Test
  void aLaggingViewDropsNoCommit() {
    world.poll(polling(GROUP, ME, "liked"), 3);
    exactly(p0, 3);
    world.deleteTopic("liked");
    world.lag(true);

    PollPlan plan = world.plan(polling(GROUP, ME));

    assertThat(plan.membership().assigned()).hasSize(2);
    assertThat(world.committed(GROUP, p0)).isEqualTo(3);
  }

  @Test
  void aStartAtTheEndIsCommittedAndPartitionsBornLaterAreReadWhole() {
    var latest = new Subscription(List.of("liked"), StartFrom.LATEST, 45_000, true);
    var subscribe =
        new GroupRequest.Poll(
            GROUP,
            ME,
            List.of(),
            Optional.of(latest),
            Optional.empty(),
            1_000,
            Optional.empty(),
            0);
    world.poll(subscribe, 0);
    assertThat(world.committed(GROUP, p0)).isEqualTo(1_000);

    world.topic("liked", 3);
    PollPlan plan = world.plan(polling(GROUP, ME));

    assertThat(plan.starts())
        .containsOnly(Map.entry(world.partition("liked", 2), StartFrom.EARLIEST));
  }

  @Test
  void pollingAnotherTopicMovesTheSubscriptionAndKeepsTheCommits() {
    world.topic("seen", 1);
    world.poll(polling(GROUP, ME, "liked"), 3);
    exactly(p0, 3);

    PollPlan plan = world.plan(polling(GROUP, ME, "seen"));
    assertThat(plan.membership().assigned().keySet()).containsExactly(world.partition("seen", 0));

    assertThat(world.plan(polling(GROUP, ME, "liked")).positions()).containsEntry(p0, 3L);
  }

  @Test
  void aResetIsRefusedWhileTheMemberLivesAndOutlastsItsPosition() {
    Delivered first = world.poll(polling(GROUP, ME, "liked"), 30);
    exactly(p0, 30);
    var reset =
        new GroupRequest.Reset(
            GROUP, new TreeMap<>(Map.of(p0, new GroupRequest.Target("liked", 10, ""))));
    assertThat(world.denied(world.coordinator.reset(reset, world, world.nowMs)))
        .isEqualTo(new GroupRefusal.GroupActive());
    world.nowMs += 60_000;
    world.granted(world.coordinator.tick(world, world.nowMs));

    world.granted(world.coordinator.reset(reset, world, world.nowMs));

    PollPlan plan = world.plan(with(polling(GROUP, ME), first.cursor()));
    assertThat(plan.positions()).containsEntry(p0, 10L).containsEntry(p1, 30L);
  }

  @Test
  void aPollWhoseSessionHasEndedHasToBeginAnew() {
    PollPlan plan = world.plan(polling(GROUP, ME, "liked"));
    world.nowMs += 50_000;
    world.granted(world.coordinator.tick(world, world.nowMs));

    assertThat(world.coordinator.standing(plan)).isEqualTo(PollStanding.REASSIGNED);
    assertThat(world.coordinator.standing(world.plan(polling(GROUP, ME))))
        .isEqualTo(PollStanding.CURRENT);
  }

  @Test
  void aSeekMovesThePositionAndEndsThePollUnderWay() {
    world.poll(polling(GROUP, ME, "liked"), 30);
    PollPlan plan = world.plan(polling(GROUP, ME));

    var seek = new GroupRequest.Seek(GROUP, ME, new TreeMap<>(Map.of(p0, 4L)));
    world.granted(world.coordinator.seek(seek, world, world.nowMs));

    assertThat(world.coordinator.standing(plan)).isEqualTo(PollStanding.MOVED);
    assertThat(world.plan(polling(GROUP, ME)).positions())
        .containsEntry(p0, 4L)
        .containsEntry(p1, 30L);
  }

  @Test
  void aGroupOfAnotherProtocolIsLeftAlone() throws Exception {
    GroupHeader kafka = new GroupHeader("kafka", 3, 1, new TreeMap<>(), "opaque", Map.of());
    GroupRecord record = new GroupRecord.GroupSet(GROUP, kafka);
    world.table.apply(GroupRecordJson.key(record), GroupRecordJson.value(record).orElseThrow());

    assertThat(
            world.denied(
                world.coordinator.poll(polling(GROUP, ME, "liked"), world, world, world.nowMs)))
        .isEqualTo(new GroupRefusal.OtherProtocol("kafka"));
  }

  private void exactly(TopicPartition partition, long offset) {
    var offsets = new TreeMap<>(Map.of(partition, new GroupRequest.Target("liked", offset, "")));
    world.granted(
        world.coordinator.commit(
            new GroupRequest.CommitOffsets(GROUP, ME, offsets), world, world.nowMs));
  }

  private long createdAt() {
    return world.table.group(GROUP).orElseThrow().header().orElseThrow().createdAtMs();
  }
}
