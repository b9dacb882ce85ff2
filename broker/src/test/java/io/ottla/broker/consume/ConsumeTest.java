package io.ottla.broker.consume;

import static io.ottla.broker.TestDeployment.refusal;
import static io.ottla.broker.TestDeployment.value;
import static io.ottla.broker.consume.Consuming.texts;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ottla.broker.Answer;
import io.ottla.broker.DeleteTopic;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.ServingCluster;
import io.ottla.broker.consume.CommitRequest.PartitionOffset;
import io.ottla.broker.consume.Consuming.Poll;
import io.ottla.metadata.Names;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Consumers of a cluster of one broker; a topic of its own for each test. */
class ConsumeTest {
  private static final AtomicInteger TOPICS = new AtomicInteger();

  @TempDir static Path data;
  private static Consuming it;

  private String topic;

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
    it.deployment.createTopic(topic, 2);
  }

  @Test
  void subscribingMakesAConsumerThatGoesOnWhereItWas() {
    it.publish(topic, 0, "a", "b");

    PollResult first = it.poll(Poll.subscribe(topic));
    it.publish(topic, 0, "c");
    PollResult second = it.poll(Poll.as(first.consumerId()));

    assertThat(first.consumerId()).isPositive();
    assertThat(first.group()).isEqualTo("consumer-" + first.consumerId());
    assertThat(first.generation()).isEqualTo(1);
    assertThat(first.assignment())
        .containsExactly(
            new PollResult.TopicPartition(topic, 0), new PollResult.TopicPartition(topic, 1));
    assertThat(texts(first)).containsExactly("a", "b");
    assertThat(texts(second)).containsExactly("c");
    assertThat(texts(it.poll(Poll.as(first.consumerId())))).isEmpty();
  }

  @Test
  void eachConsumerAloneGetsEverything() {
    it.publish(topic, 0, "a");
    it.publish(topic, 1, "b");

    PollResult one = it.poll(Poll.subscribe(topic));
    PollResult other = it.poll(Poll.subscribe(topic));

    assertThat(other.consumerId()).isNotEqualTo(one.consumerId());
    assertThat(texts(one)).containsExactlyInAnyOrder("a", "b");
    assertThat(texts(other)).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void anAnswerHoldsAtMostWhatWasAskedAndAtLeastOneEvent() {
    it.publish(topic, 0, "a", "b", "c");
    long id = it.poll(Poll.subscribe(topic).within(2, Duration.ZERO)).consumerId();

    assertThat(texts(it.poll(Poll.as(id).within(2, Duration.ZERO)))).containsExactly("c");
    it.publish(topic, 1, "d".repeat(5_000), "e");
    PollRequest tiny =
        new PollRequest(
            Optional.empty(),
            Optional.empty(),
            Optional.of(id),
            Optional.empty(),
            new StartFrom.Earliest(),
            Optional.empty(),
            new PollRequest.AutoCommit(Optional.empty(), Duration.ofSeconds(1)),
            PollEvents.DEFAULT_SESSION_TIMEOUT,
            new FetchRequest.Limits(10, 1, Duration.ZERO));
    assertThat(texts(value(it.polls.poll(tiny)))).containsExactly("d".repeat(5_000));
    assertThat(texts(value(it.polls.poll(tiny)))).containsExactly("e");
  }

  @Test
  void laterPollsCommitWhatEarlierAnswersDelivered() {
    it.publish(topic, 0, "a", "b");
    long id = it.poll(Poll.subscribe(topic)).consumerId();
    assertThat(it.committed(id, 0)).isEqualTo(-1);

    it.nowMs.addAndGet(1_000);
    it.poll(Poll.as(id));

    assertThat(it.committed(id, 0)).isEqualTo(2);
  }

  @Test
  void withoutAutoCommitACommitSaysWhatItCommitted() {
    it.publish(topic, 0, "a", "b");
    long id = it.poll(Poll.subscribe(topic).manual()).consumerId();
    it.nowMs.addAndGet(2_000);
    it.poll(Poll.as(id));
    assertThat(it.committed(id, 0)).isEqualTo(-1);

    CommitResult committed = value(it.tryCommit(id));

    assertThat(committed.committed()).contains(new CommitResult.Committed(topic, 0, 2));
    var progress =
        value(it.offsets.describe(new OffsetsRequest.OfConsumer(id))).partitions().getFirst();
    assertThat(progress.position()).hasValue(2);
    assertThat(progress.endOffset()).isEqualTo(2);
    assertThat(progress.lag()).isZero();
  }

  @Test
  void theSameCursorGivesTheSameEventsAgain() {
    it.publish(topic, 0, "a", "b");
    PollResult first = it.poll(Poll.subscribe(topic).within(1, Duration.ZERO));
    PollResult second = it.poll(Poll.as(first.consumerId()).after(first.cursor()));
    PollResult again = it.poll(Poll.as(first.consumerId()).after(first.cursor()));

    assertThat(texts(second)).containsExactly("b");
    assertThat(texts(again)).containsExactly("b");
    var upTo = new CommitRequest.UpToCursor(first.consumerId(), first.cursor());
    assertThat(value(it.commits.commit(upTo)).committed())
        .contains(new CommitResult.Committed(topic, 0, 1));
  }

  @Test
  void aGarbledCursorIsRefusedByName() {
    long id = it.poll(Poll.subscribe(topic)).consumerId();

    var refused = refusal(it.tryPoll(Poll.as(id).after("AAAA")));

    assertThat(refused.code()).isEqualTo(RefusalCode.INVALID_REQUEST);
    assertThat(refused.attributes()).containsEntry("field", "cursor");
    assertThat(refusal(it.commits.commit(new CommitRequest.UpToCursor(id, "?"))).attributes())
        .containsEntry("field", "cursor");
  }

  @Test
  void aLongPollAnswersWithTheFirstEvent() throws Exception {
    long id = it.poll(Poll.subscribe(topic)).consumerId();
    long startNanos = System.nanoTime();
    var waiting =
        Consuming.meanwhile(() -> it.poll(Poll.as(id).within(10, Duration.ofSeconds(60))));
    await().until(() -> isWaiting(id));

    it.publish(topic, 1, "a");

    assertThat(texts(waiting.get())).containsExactly("a");
    assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(Duration.ofSeconds(30));
  }

  @Test
  void aLongPollWithoutEventsEndsWhenItsTimeIsOver() {
    long id = it.poll(Poll.subscribe(topic)).consumerId();

    assertThat(texts(it.poll(Poll.as(id).within(10, Duration.ofMillis(50))))).isEmpty();
  }

  @Test
  void aNewerPollEndsTheOlder() throws Exception {
    long id = it.poll(Poll.subscribe(topic)).consumerId();
    var older =
        Consuming.meanwhile(() -> it.tryPoll(Poll.as(id).within(10, Duration.ofSeconds(60))));
    await().until(() -> isWaiting(id));
    var newer = Consuming.meanwhile(() -> it.poll(Poll.as(id).within(10, Duration.ofSeconds(60))));

    assertThat(refusal(older.get()).code()).isEqualTo(RefusalCode.POLL_SUPERSEDED);
    it.publish(topic, 0, "a");
    assertThat(texts(newer.get())).containsExactly("a");
  }

  @Test
  void explicitOffsetsAreCheckedBeforeAnyIsCommitted() {
    it.publish(topic, 0, "a", "b");
    long id = it.poll(Poll.subscribe(topic)).consumerId();

    assertThat(refusal(commit(id, offset(0, 1), offset(1, 7))).code())
        .isEqualTo(RefusalCode.OFFSET_BEYOND_END);
    assertThat(refusal(commit(id, offset(0, 1), offset(2, 0))).code())
        .isEqualTo(RefusalCode.PARTITION_OUT_OF_RANGE);
    assertThat(refusal(commit(id, offset(0, 1), offset(0, 2))).attributes())
        .containsEntry("index", 1);
    assertThat(refusal(commit(id, offset(0, -1))).attributes()).containsEntry("field", "offset");
    assertThat(it.committed(id, 0)).isEqualTo(-1);
    assertThat(value(commit(id, offset(0, 1))).committed())
        .containsExactly(new CommitResult.Committed(topic, 0, 1));
  }

  @Test
  void aGroupIsResetOnlyWithoutActiveMembersAndOutlivesItsMembers() {
    it.publish(topic, 0, "a", "b");
    String group = "g-" + topic;
    long id = it.poll(Poll.subscribe(topic).group(group)).consumerId();
    value(it.tryCommit(id));
    var reset =
        new CommitRequest.Reset(
            Optional.empty(), group, topic, Optional.of(new StartFrom.Earliest()), List.of());
    assertThat(refusal(it.commits.commit(reset)).code()).isEqualTo(RefusalCode.GROUP_ACTIVE);

    it.nowMs.addAndGet(46_000);
    CommitResult result =
        await()
            .until(
                () ->
                    it.commits.commit(reset) instanceof Answer.Ok<CommitResult>(CommitResult done)
                        ? done
                        : null,
                done -> done != null);

    assertThat(result.committed()).contains(new CommitResult.Committed(topic, 0, 0));
    assertThat(texts(it.poll(Poll.as(id)))).containsExactly("a", "b");
    assertThat(
            value(
                    it.offsets.describe(
                        new OffsetsRequest.OfGroup(Optional.empty(), group, Optional.of(topic))))
                .partitions())
        .hasSize(2);
  }

  @Test
  void startingAtTheEndSkipsWhatIsThere() {
    it.publish(topic, 0, "old");
    PollResult first = it.poll(Poll.subscribe(topic).from(new StartFrom.Latest()));
    it.publish(topic, 0, "new");

    assertThat(texts(first)).isEmpty();
    assertThat(texts(it.poll(Poll.as(first.consumerId())))).containsExactly("new");
  }

  @Test
  void aTopicMadeAgainUnderItsNameStartsAnew() {
    it.publish(topic, 0, "a", "b", "c");
    PollResult before = it.poll(Poll.subscribe(topic));
    value(it.tryCommit(before.consumerId()));
    value(new DeleteTopic(it.deployment.deployment()).delete(Optional.empty(), topic));
    it.deployment.createTopic(topic, 2);
    it.publish(topic, 0, "x");

    PollResult after = it.poll(Poll.as(before.consumerId()).after(before.cursor()));

    assertThat(texts(after)).containsExactly("x");
    assertThat(it.committed(before.consumerId(), 0)).isEqualTo(-1);
  }

  @Test
  void whatDoesNotExistIsNamed() {
    long id = it.poll(Poll.subscribe(topic)).consumerId();

    assertThat(refusal(it.tryPoll(Poll.as(1L << 31))).code())
        .isEqualTo(RefusalCode.CONSUMER_NOT_FOUND);
    assertThat(refusal(it.tryPoll(Poll.as(1L << 40))).code())
        .isEqualTo(RefusalCode.CONSUMER_NOT_FOUND);
    assertThat(refusal(it.tryPoll(Poll.subscribe("nope"))).code())
        .isEqualTo(RefusalCode.TOPIC_NOT_FOUND);
    assertThat(refusal(it.tryPoll(Poll.as(id).group("other"))).attributes())
        .containsEntry("field", "group");
    assertThat(refusal(it.tryPoll(Poll.subscribe(topic).group("consumer-" + id))).attributes())
        .containsEntry("field", "group");
    var unknown = new OffsetsRequest.OfGroup(Optional.empty(), "nobody", Optional.empty());
    assertThat(refusal(it.offsets.describe(unknown)).code()).isEqualTo(RefusalCode.GROUP_NOT_FOUND);
  }

  @Test
  void aReadWithoutAConsumerNamesOffsetsAndTimes() {
    it.publish(topic, 0, "a", "b", "c");

    FetchResult read = value(fetch(0, Optional.of(1L), Optional.empty(), Duration.ZERO));
    assertThat(read.records()).extracting(Consuming::text).containsExactly("b", "c");
    assertThat(read.nextOffset()).isEqualTo(3);
    assertThat(read.fromLeader()).isTrue();
    FetchResult beyond = value(fetch(0, Optional.of(9L), Optional.empty(), Duration.ZERO));
    assertThat(beyond.records()).isEmpty();
    assertThat(beyond.nextOffset()).isEqualTo(9);
    var latest = Optional.<StartFrom>of(new StartFrom.Latest());
    assertThat(value(fetch(0, Optional.empty(), latest, Duration.ZERO)).nextOffset()).isEqualTo(3);
    var sinceEver = Optional.<StartFrom>of(new StartFrom.At(1));
    assertThat(value(fetch(0, Optional.empty(), sinceEver, Duration.ZERO)).records()).hasSize(3);
    assertThat(refusal(fetch(2, Optional.of(0L), Optional.empty(), Duration.ZERO)).code())
        .isEqualTo(RefusalCode.PARTITION_OUT_OF_RANGE);
  }

  @Test
  void aReadThatWaitsAnswersWithTheFirstEvent() throws Exception {
    var waiting =
        Consuming.meanwhile(
            () -> value(fetch(1, Optional.of(0L), Optional.empty(), Duration.ofSeconds(60))));

    it.publish(topic, 1, "a");

    assertThat(waiting.get().records()).extracting(Consuming::text).containsExactly("a");
  }

  @Test
  void commitsCanBeReadInTheTopicOfCommits() {
    it.publish(topic, 0, "a");
    long id = it.poll(Poll.subscribe(topic)).consumerId();
    value(it.tryCommit(id));

    FetchResult read =
        value(
            it.fetches.fetch(
                new FetchRequest(
                    Optional.empty(),
                    Names.CONSUMER_OFFSETS,
                    0,
                    Optional.of(0L),
                    Optional.empty(),
                    new FetchRequest.Limits(100_000, 16 << 20, Duration.ZERO))));

    assertThat(read.records())
        .anySatisfy(
            record -> {
              assertThat(UTF_8.decode(record.key().duplicate()).toString())
                  .isEqualTo(
                      "{\"type\":\"offset\",\"group\":\"consumer-%d\",\"topic\":\"%s\",\"topic_id\":\"%s\",\"partition\":0}"
                          .formatted(id, topic, cluster().view().topic(topic).orElseThrow().id()));
              assertThat(Consuming.text(record)).contains("\"offset\":1,");
            });
  }

  private static ServingCluster cluster() {
    return it.deployment.deployment().clusters().getFirst();
  }

  private static boolean isWaiting(long id) {
    String member = Long.toString(id);
    return it.coordinators.of(cluster(), "consumer-" + id).polls().isWaiting(member);
  }

  private Answer<FetchResult> fetch(
      int partition, Optional<Long> offset, Optional<StartFrom> from, Duration maxWait) {
    return it.fetches.fetch(
        new FetchRequest(
            Optional.empty(), topic, partition, offset, from, Consuming.limits(500, maxWait)));
  }

  private Answer<CommitResult> commit(long id, PartitionOffset... offsets) {
    return it.commits.commit(new CommitRequest.Offsets(id, List.of(offsets)));
  }

  private static PartitionOffset offset(int partition, long offset) {
    return new PartitionOffset(Optional.empty(), partition, offset, Optional.empty());
  }
}
