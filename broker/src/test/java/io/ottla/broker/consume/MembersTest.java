package io.ottla.broker.consume;

import static io.ottla.broker.TestDeployment.refusal;
import static io.ottla.broker.TestDeployment.value;
import static io.ottla.broker.consume.Consuming.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ottla.broker.Answer;
import io.ottla.broker.Done;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.ServingCluster;
import io.ottla.broker.consume.CommitRequest.PartitionOffset;
import io.ottla.broker.consume.Consuming.Poll;
import io.ottla.broker.consume.GroupDescription.OwnedPartition;
import io.ottla.groups.GroupRequest;
import io.ottla.metadata.MetadataCommand;
import io.ottla.metadata.MetadataResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Consumers that are made, moved and deleted, and their groups; a topic and group per test. */
class MembersTest {
  private static final AtomicInteger TOPICS = new AtomicInteger();
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir static Path data;
  private static Consuming it;

  private String topic;
  private String group;

  @BeforeAll
  static void open() throws IOException {
    it = Consuming.open(data);
    it.deployment.createCluster("c1", 1);
  }

  @AfterAll
  static void close() throws IOException {
    it.close();
  }

  @BeforeEach
  void createTopic() {
    topic = "t" + TOPICS.incrementAndGet();
    group = "g-" + topic;
    it.deployment.createTopic(topic, 2);
  }

  @Test
  void aConsumerIsMadeWithItsPartitions() {
    it.publish(topic, 0, "a");

    ConsumerMembership made = value(it.tryCreate(Optional.of(group), topic));
    ConsumerDescription seen = value(it.consumers.describe(made.consumerId()));

    assertThat(made.group()).isEqualTo(group);
    assertThat(made.assignment()).hasSize(2);
    assertThat(seen.membership()).isEqualTo(made);
    assertThat(seen.active()).isTrue();
    assertThat(seen.settings().orElseThrow().topics()).containsExactly(topic);
    assertThat(texts(it.poll(Poll.as(made.consumerId())))).containsExactly("a");
  }

  @Test
  void aLeaversPartitionsAreTheOthersAtOnce() {
    long leaver = value(it.tryCreate(Optional.of(group), topic)).consumerId();
    long stayer = value(it.tryCreate(Optional.of(group), topic)).consumerId();
    assertThat(value(it.consumers.describe(stayer)).membership().assignment()).isEmpty();
    assertThat(state()).isEqualTo(GroupState.BALANCING);

    value(it.deletes.delete(leaver));

    assertThat(value(it.consumers.describe(stayer)).membership().assignment()).hasSize(2);
    assertThat(state()).isEqualTo(GroupState.STABLE);
    assertThat(refusal(it.deletes.delete(leaver)).code()).isEqualTo(RefusalCode.CONSUMER_NOT_FOUND);
    assertThat(refusal(it.consumers.describe(leaver)).code())
        .isEqualTo(RefusalCode.CONSUMER_NOT_FOUND);
  }

  @Test
  void aWaitingPollOfADeletedConsumerEndsAndSaysWhy() throws Exception {
    long id = value(it.tryCreate(Optional.of(group), topic)).consumerId();
    var waiting = Consuming.meanwhile(() -> it.tryPoll(Poll.as(id).within(10, LONG)));
    await().until(() -> isWaiting(id));

    value(it.deletes.delete(id));

    assertThat(refusal(waiting.get()).code()).isEqualTo(RefusalCode.CONSUMER_NOT_FOUND);
  }

  @Test
  void aConsumerThatIsNoMemberIsForgottenToo() {
    long never =
        value(ConsumerRegistration.register(cluster(), Optional.of(group))).consumer().id();
    long halfway = value(it.tryCreate(Optional.of(group), topic)).consumerId();
    var leave = new GroupRequest.Leave(group, Long.toString(halfway));
    value(
        it.coordinators.of(cluster(), group).decide(s -> s.coordinator().leave(leave, s.topics())));
    assertThat(value(it.consumers.describe(never)).settings()).isEmpty();
    assertThat(value(it.consumers.describe(halfway)).active()).isFalse();

    assertThat(value(it.deletes.delete(never))).isEqualTo(Done.DONE);
    assertThat(value(it.deletes.delete(halfway))).isEqualTo(Done.DONE);

    assertThat(cluster().view().consumer(never)).isEmpty();
    assertThat(cluster().view().consumer(halfway)).isEmpty();
  }

  @Test
  void aSeekMovesThePositionAndEndsAWaitingPoll() throws Exception {
    it.publish(topic, 0, "a", "b", "c");
    long id = value(it.tryCreate(Optional.of(group), topic)).consumerId();
    it.poll(Poll.as(id));
    var waiting = Consuming.meanwhile(() -> it.tryPoll(Poll.as(id).within(10, LONG)));
    await().until(() -> isWaiting(id));

    SeekResult result = value(seek(id, 0, 1));

    assertThat(refusal(waiting.get()).code()).isEqualTo(RefusalCode.POLL_SUPERSEDED);
    assertThat(result.positions()).containsExactly(new SeekResult.Position(topic, 0, 1));
    assertThat(texts(it.poll(Poll.as(id)))).containsExactly("b", "c");
  }

  @Test
  void aSeekToAPlaceMovesEveryPartition() {
    it.publish(topic, 0, "a", "b");
    it.publish(topic, 1, "c");
    long id = value(it.tryCreate(Optional.of(group), topic)).consumerId();
    it.poll(Poll.as(id));

    var latest = value(it.seeks.seek(new SeekRequest.To(id, new StartFrom.Latest())));
    assertThat(texts(it.poll(Poll.as(id)))).isEmpty();
    var earliest = value(it.seeks.seek(new SeekRequest.To(id, new StartFrom.Earliest())));
    assertThat(texts(it.poll(Poll.as(id)))).containsExactlyInAnyOrder("a", "b", "c");
    var ever = value(it.seeks.seek(new SeekRequest.To(id, new StartFrom.At(1))));

    assertThat(latest.positions())
        .containsExactly(
            new SeekResult.Position(topic, 0, 2), new SeekResult.Position(topic, 1, 1));
    assertThat(earliest.positions()).extracting(SeekResult.Position::offset).containsOnly(0L);
    assertThat(ever.positions()).isEqualTo(earliest.positions());
  }

  @Test
  void aSeekIsRefusedWhole() {
    it.publish(topic, 0, "a");
    long owner = value(it.tryCreate(Optional.of(group), topic)).consumerId();
    long other = value(it.tryCreate(Optional.of(group), topic)).consumerId();
    it.poll(Poll.as(owner));

    assertThat(refusal(seek(owner, 0, 2)).code()).isEqualTo(RefusalCode.OFFSET_BEYOND_END);
    assertThat(refusal(seek(other, 0, 0)).code()).isEqualTo(RefusalCode.NOT_ASSIGNED);
    assertThat(refusal(seek(owner, 2, 0)).code()).isEqualTo(RefusalCode.PARTITION_OUT_OF_RANGE);
    assertThat(texts(it.poll(Poll.as(owner)))).isEmpty();
  }

  @Test
  void aHeartbeatKeepsAConsumerAndBringsOneBack() {
    long id = value(it.tryCreate(Optional.of(group), topic)).consumerId();
    it.nowMs.addAndGet(40_000);
    value(it.heartbeats.beat(id));
    it.nowMs.addAndGet(40_000);
    it.coordinators.tick();
    assertThat(value(it.heartbeats.beat(id)).generation()).isEqualTo(1);

    it.nowMs.addAndGet(46_000);
    await().until(() -> state() == GroupState.EMPTY);
    ConsumerMembership back = value(it.heartbeats.beat(id));

    assertThat(back.assignment()).hasSize(2);
    assertThat(state()).isEqualTo(GroupState.STABLE);
  }

  @Test
  void aConsumerThatNeverJoinedIsForgottenAfterAnHourAndNoOther() {
    long member = value(it.tryCreate(Optional.of(group), topic)).consumerId();
    var registered =
        (MetadataResult.ConsumerRegistered)
            value(
                cluster()
                    .submit(
                        new MetadataCommand.RegisterConsumer(Optional.empty()),
                        Duration.ofSeconds(10)));
    long stray = registered.consumer().id();
    it.coordinators.forgetStrays();
    assertThat(cluster().view().consumer(stray)).isPresent();

    it.nowMs.addAndGet(StrayConsumers.AGE.toMillis() + 60_000);
    it.coordinators.forgetStrays();

    assertThat(cluster().view().consumer(stray)).isEmpty();
    assertThat(cluster().view().consumer(member)).isPresent();
  }

  @Test
  void aGroupIsDeletedWithItsSilentConsumersOnly() {
    it.publish(topic, 0, "a");
    long id = value(it.tryCreate(Optional.of(group), topic)).consumerId();
    it.poll(Poll.as(id));
    value(it.tryCommit(id));
    assertThat(refusal(deleteGroup()).code()).isEqualTo(RefusalCode.GROUP_ACTIVE);

    it.nowMs.addAndGet(46_000);
    await().until(() -> deleteGroup() instanceof Answer.Ok<Done>);

    assertThat(refusal(deleteGroup()).code()).isEqualTo(RefusalCode.GROUP_NOT_FOUND);
    assertThat(refusal(it.groups.one(Optional.empty(), group)).code())
        .isEqualTo(RefusalCode.GROUP_NOT_FOUND);
    assertThat(cluster().view().consumer(id)).isEmpty();
    assertThat(value(it.groups.all(Optional.empty())))
        .noneMatch(summary -> summary.group().equals(group));
  }

  @Test
  void aGroupShowsWhoHasWhatAndHowFar() {
    it.publish(topic, 0, "a", "b", "c");
    long id = value(it.tryCreate(Optional.of(group), topic)).consumerId();
    it.poll(Poll.as(id).within(2, Duration.ZERO));
    value(it.tryCommit(id));

    GroupDescription seen = value(it.groups.one(Optional.empty(), group));

    assertThat(seen.summary())
        .isEqualTo(new GroupDescription.Summary(group, "c1", GroupState.STABLE, 1, 1));
    assertThat(seen.members().getFirst().consumerId()).hasValue(id);
    assertThat(seen.partitions())
        .extracting(OwnedPartition::owner)
        .containsOnly(OptionalLong.of(id));
    assertThat(seen.partitions().getFirst().progress().committed()).hasValue(2);
    assertThat(seen.lag()).isEqualTo(1);
    assertThat(seen.offsetsPartition()).isZero();
    assertThat(value(it.groups.all(Optional.of("c1")))).contains(seen.summary());
  }

  private GroupState state() {
    return value(it.groups.one(Optional.empty(), group)).summary().state();
  }

  private Answer<Done> deleteGroup() {
    return it.groupDeletes.delete(Optional.empty(), group);
  }

  private static Answer<SeekResult> seek(long id, int partition, long offset) {
    var target = new PartitionOffset(Optional.empty(), partition, offset, Optional.empty());
    return it.seeks.seek(new SeekRequest.Offsets(id, List.of(target)));
  }

  private boolean isWaiting(long id) {
    return it.coordinators.of(cluster(), group).polls().isWaiting(Long.toString(id));
  }

  private static ServingCluster cluster() {
    return it.deployment.deployment().clusters().getFirst();
  }
}
