package io.ottla.broker.produce;

import static io.ottla.broker.TestDeployment.refusal;
import static io.ottla.broker.TestDeployment.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.broker.Answer;
import io.ottla.broker.PartitionWaiters.PartitionId;
import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.produce.ProduceEvents.StreamRequest;
import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.broker.produce.ProduceResult.EventResult;
import io.ottla.broker.produce.ProduceResult.EventResult.Committed;
import io.ottla.broker.produce.ProduceStream.NumberedEvent;
import io.ottla.log.Header;
import io.ottla.metadata.MetadataCommand;
import io.ottla.metadata.MetadataResult;
import io.ottla.metadata.TopicConfig;
import io.ottla.replication.ReplicationGroup.Leadership;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Requests with a producer id and a sequence, over groups whose outcomes the test decides. */
class SequencedProduceTest {
  private final AtomicLong nowMs = new AtomicLong(1_700_000_000_000L);
  private final InstantSource clock = () -> Instant.ofEpochMilli(nowMs.get());
  private final ScriptedCluster cluster = new ScriptedCluster();
  private final UUID topic =
      cluster.createTopic("liked", 4, new TopicConfig(-1, -1, 1 << 20, "lz4", "delete", 1000));
  private final long producer =
      ((MetadataResult.ProducerRegistered)
              cluster.change(new MetadataCommand.RegisterProducer("web-1")))
          .producer()
          .id();
  private final ProduceEvents produce = new ProduceEvents(cluster, clock);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void close() {
    cluster.close();
    threads.shutdownNow();
  }

  @Test
  void aRetryGetsTheFirstAnswerAndAppendsNothing() {
    var first = start(7, event(0, "a"), event(0, "b"));
    cluster.first.next().succeed();
    var answer = value(first.join());
    nowMs.addAndGet(60_000);

    var retry = start(7, event(0, "a"), event(0, "b"));
    cluster.first.next().succeed();

    assertThat(value(retry.join())).isEqualTo(answer);
    assertThat(log(0)).containsExactly("a", "b");
  }

  @Test
  void aRetryAppendsOnlyTheSharesThatFailed() {
    cluster.second.lead(null);
    var first = start(Duration.ofMillis(300), 7, event(0, "a"), event(1, "b"), event(0, "c"));
    cluster.first.next().succeed();
    var firstResult = value(first.join());
    cluster.second.lead(new Leadership(2, 2));

    var retry = start(7, event(0, "a"), event(1, "b"), event(0, "c"));
    cluster.first.next().succeed();
    cluster.second.next().succeed();

    assertThat(firstResult.events().get(1)).isInstanceOf(EventResult.Failed.class);
    assertThat(value(retry.join()).events())
        .containsExactly(
            firstResult.events().get(0),
            new Committed(1, 0, nowMs.get()),
            firstResult.events().get(2));
    assertThat(log(0)).containsExactly("a", "c");
    assertThat(log(1)).containsExactly("b");
  }

  @Test
  void aStreamWithOthersEventsBetweenIsNotCalledNotAppended() {
    var stream =
        value(
            produce.open(
                new StreamRequest(
                    Optional.empty(),
                    "liked",
                    Duration.ofSeconds(20),
                    Optional.of(new ProducerSequence(producer, 7)))));
    var first =
        CompletableFuture.supplyAsync(
            () -> stream.append(List.of(new NumberedEvent(0, event(0, "a")))), threads);
    cluster.first.next().succeed();
    assertThat(first.join()).isEmpty();
    var other = start(8, event(0, "between"));
    cluster.first.next().succeed();
    value(other.join());
    var second =
        CompletableFuture.supplyAsync(
            () -> stream.append(List.of(new NumberedEvent(1, event(0, "b")))), threads);
    cluster.first.next().succeed();
    assertThat(second.join()).isEmpty();

    var asJson = start(7, event(0, "a"), event(0, "b"));
    cluster.first.next().succeed();
    Refusal there = refusal(asJson.join());
    var others = start(7, event(0, "a"), event(0, "x"));
    cluster.first.next().succeed();

    assertThat(there.code()).isEqualTo(RefusalCode.SEQUENCE_REUSED);
    assertThat(there.attributes()).containsEntry("appended", "unknown");
    assertThat(refusal(others.join()).attributes()).containsEntry("appended", false);
    assertThat(log(0)).containsExactly("a", "between", "b");
  }

  @Test
  void whatMayHaveBeenAppendedIsSentAgainByTheServerItself() {
    for (boolean applied : new boolean[] {true, false}) {
      long sequence = applied ? 1 : 2;
      var answer = start(sequence, event(0, "v" + sequence));

      cluster.first.next().loseTrack(applied);
      cluster.first.next().succeed();

      assertThat(value(answer.join()).events())
          .containsExactly(new Committed(0, sequence - 1, nowMs.get()));
    }
    assertThat(log(0)).containsExactly("v1", "v2");
  }

  @Test
  void whatMayHaveBeenAppendedStaysUnknownWhateverTheLastTrySays() {
    var answer = start(Duration.ofMillis(300), 1, event(0, "a"));
    var entry = cluster.first.next();
    cluster.first.lead(null);
    entry.loseTrack(true);

    Refusal refusal = refusal(answer.join());

    assertThat(refusal.code()).isEqualTo(RefusalCode.NOT_COMMITTED);
    assertThat(refusal.attributes()).containsEntry("appended", "unknown");
  }

  @Test
  void otherEventsUnderAUsedSequenceAreRefused() {
    var first = start(7, event(0, "a"), event(0, "b"));
    cluster.first.next().succeed();
    value(first.join());

    for (List<Event> other :
        List.of(
            List.of(event(0, "a")),
            List.of(event(0, "b"), event(0, "a")),
            List.of(event(0, "a"), event(0, "c")),
            List.of(event(0, "a"), event(0, "b"), event(0, "c")),
            List.of(event(0, "a"), new Event(0, text("k"), text("b"), List.of(), 1)),
            List.of(event(0, "a"), new Event(0, null, text("b"), List.of(), 1)),
            List.of(
                event(0, "a"),
                new Event(0, null, text("b"), List.of(new Header("h", null)), NO_TIME)),
            List.of(event(0, "a"), new Event(0, null, null, List.of(), NO_TIME)))) {
      var retry = start(Duration.ofSeconds(20), 7, other.toArray(new Event[0]));
      cluster.first.next().succeed();

      Refusal refusal = refusal(retry.join());
      assertThat(refusal.code()).isEqualTo(RefusalCode.SEQUENCE_REUSED);
      assertThat(refusal.attributes()).containsEntry("appended", false);
    }
    assertThat(log(0)).containsExactly("a", "b");
  }

  @Test
  void withoutAKeyThePartitionFollowsFromTheSequence() {
    for (int attempt = 0; attempt < 2; attempt++) {
      for (long sequence = 0; sequence < 8; sequence++) {
        var answer = start(sequence, event(null, "s" + sequence));
        (sequence % 2 == 0 ? cluster.first : cluster.second).next().succeed();

        assertThat(value(answer.join()).events())
            .containsExactly(new Committed((int) sequence % 4, sequence / 4, nowMs.get()));
      }
    }
  }

  @Test
  void aBatchWithoutKeysIsDividedByItsSequenceWhateverCameBetween() {
    Event[] batch = {
      event(null, "a"), event(null, "b"), event(null, "c"), event(null, "d"), event(null, "e")
    };
    var first = start(6, batch);
    cluster.first.next().succeed();
    cluster.second.next().succeed();
    var between =
        CompletableFuture.supplyAsync(() -> produce.produce(unsequenced("x", "y", "z")), threads);
    cluster.first.next().succeed();
    cluster.second.next().succeed();
    value(between.join());

    var retry = start(6, batch);
    cluster.first.next().succeed();
    cluster.second.next().succeed();

    assertThat(value(retry.join())).isEqualTo(value(first.join()));
    assertThat(log(2)).containsExactly("a", "e", "z");
    assertThat(log(3)).containsExactly("b");
    assertThat(log(0)).containsExactly("c", "x");
    assertThat(log(1)).containsExactly("d", "y");
  }

  private static ProduceRequest unsequenced(String... values) {
    return new ProduceRequest(
        Optional.empty(),
        "liked",
        Stream.of(values).map(value -> event(null, value)).toList(),
        Duration.ofSeconds(20),
        Optional.empty());
  }

  @Test
  void twoRequestsInOneRoundKeepTheirOwnBatches() throws InterruptedException {
    var hold = start(100, event(0, "hold"));
    var held = cluster.first.next();
    var first = start(1, event(0, "a"));
    var second = start(2, event(0, "b"));
    var again = start(1, event(0, "a"));
    held.succeed();
    value(hold.join());
    while (!(first.isDone() && second.isDone() && again.isDone())) {
      var entry = cluster.first.nextWithin(50);
      if (entry != null) {
        entry.succeed();
      }
    }

    assertThat(value(again.join())).isEqualTo(value(first.join()));
    assertThat(log(0)).containsExactlyInAnyOrder("hold", "a", "b");
  }

  @Test
  void anUnknownProducerIsRefusedBeforeAnythingIsSent() {
    var answer =
        produce.produce(
            new ProduceRequest(
                Optional.empty(),
                "liked",
                List.of(event(0, "a")),
                Duration.ofSeconds(20),
                Optional.of(new ProducerSequence(producer + 1, 0))));

    assertThat(refusal(answer).code()).isEqualTo(RefusalCode.UNKNOWN_PRODUCER);
    assertThat(refusal(answer).attributes()).containsEntry("appended", false);
    assertThat(cluster.first.isIdle()).isTrue();
  }

  private static final long NO_TIME = Event.NO_TIMESTAMP;

  private CompletableFuture<Answer<ProduceResult>> start(long sequence, Event... events) {
    return start(Duration.ofSeconds(20), sequence, events);
  }

  private CompletableFuture<Answer<ProduceResult>> start(
      Duration timeout, long sequence, Event... events) {
    return CompletableFuture.supplyAsync(
        () ->
            produce.produce(
                new ProduceRequest(
                    Optional.empty(),
                    "liked",
                    List.of(events),
                    timeout,
                    Optional.of(new ProducerSequence(producer, sequence)))),
        threads);
  }

  private List<String> log(int partition) {
    ScriptedGroup group = partition % 2 == 0 ? cluster.first : cluster.second;
    return group.values.get(new PartitionId(topic, partition));
  }

  private static Event event(Integer partition, String value) {
    return new Event(partition, null, text(value), List.of(), NO_TIME);
  }

  private static ByteBuffer text(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }
}
