package io.ottla.broker.produce;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.broker.Answer;
import io.ottla.broker.PartitionWaiters.PartitionId;
import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.broker.produce.ProduceResult.EventResult;
import io.ottla.broker.produce.ProduceResult.EventResult.Committed;
import io.ottla.broker.produce.ProduceResult.EventResult.Failed;
import io.ottla.log.Header;
import io.ottla.metadata.MetadataCommand;
import io.ottla.metadata.TopicConfig;
import io.ottla.replication.ReplicationGroup.Leadership;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProduceEventsTest {
  private static final long NOW = 1_700_000_000_000L;

  private final ScriptedCluster cluster = new ScriptedCluster();
  private final UUID liked =
      cluster.createTopic("liked", 4, new TopicConfig(-1, -1, 1 << 20, "lz4", "delete", 1000));
  private final ProduceEvents produce =
      new ProduceEvents(cluster, InstantSource.fixed(Instant.ofEpochMilli(NOW)));
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void close() {
    cluster.close();
    threads.shutdownNow();
  }

  @Test
  void anEventWithAKeyGoesWhereTheKeySays() {
    var answer = start(request(event("u42", "x")));
    int partition = Partitioner.ofKey(buffer("u42"), 4);
    groupOf(partition).next().succeed();

    assertThat(value(answer).events()).containsExactly(new Committed(partition, 0, NOW));
    assertThat(log(partition)).containsExactly("x");
  }

  @Test
  void aBatchIsAnsweredInInputOrderAndAppendedInItPerPartition() {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      events.add(new Event(i * 7 % 4, null, buffer("v" + i), List.of(), i));
    }

    var answer = start(request(events));
    cluster.first.next().succeed();
    cluster.second.next().succeed();

    List<EventResult> results = value(answer).events();
    for (int i = 0; i < 100; i++) {
      Committed committed = (Committed) results.get(i);
      assertThat(committed.timestampMs()).isEqualTo(i);
      assertThat(committed.partition()).isEqualTo(i * 7 % 4);
      assertThat(log(committed.partition()).get((int) committed.offset())).isEqualTo("v" + i);
    }
    for (int p = 0; p < 4; p++) {
      assertThat(log(p)).hasSize(25);
    }
  }

  @Test
  void eventsWithoutAKeyTakeTurns() {
    var answer = start(request(event(null, "a"), event(null, "b"), event(null, "c")));
    cluster.first.next().succeed();
    cluster.second.next().succeed();

    assertThat(value(answer).events())
        .containsExactly(
            new Committed(0, 0, NOW), new Committed(1, 0, NOW), new Committed(2, 0, NOW));
  }

  @Test
  void whatIsWrongWithOneEventRefusesAllBeforeAnythingIsAppended() {
    cluster.createTopic("compacted", 1, new TopicConfig(-1, -1, 4096, "none", "compact", 1000));
    Event good = event("k", "v");
    Event elsewhere = new Event(4, null, buffer("v"), List.of(), 1);
    Event negative = new Event(-1, null, buffer("v"), List.of(), 1);
    Event large = event("k", "v".repeat(1000));
    Event largeHeader = new Event(null, null, null, List.of(new Header("name", new byte[997])), 1);

    check(request(good, elsewhere), RefusalCode.PARTITION_OUT_OF_RANGE, 1);
    check(request(negative), RefusalCode.PARTITION_OUT_OF_RANGE, 0);
    check(request(good, good, large), RefusalCode.RECORD_TOO_LARGE, 2);
    check(request(largeHeader), RefusalCode.RECORD_TOO_LARGE, 0);
    check(request("compacted", List.of(good, event(null, "v"))), RefusalCode.KEY_REQUIRED, 1);
    check(request("__consumer_offsets", List.of(good)), RefusalCode.INTERNAL_TOPIC, null);
    check(request("unheard-of", List.of(good)), RefusalCode.TOPIC_NOT_FOUND, null);
    assertThat(cluster.first.isIdle() && cluster.second.isIdle()).isTrue();
  }

  private void check(ProduceRequest request, RefusalCode code, Integer index) {
    Refusal refusal = refusal(start(request));
    assertThat(refusal.code()).isEqualTo(code);
    assertThat(refusal.attributes()).containsEntry("appended", false);
    assertThat(refusal.attributes().get("index")).isEqualTo(index);
  }

  @Test
  void aShareThatFitsNoEntryRefusesAllBeforeAnythingIsAppended() {
    UUID wide =
        cluster.createTopic("wide", 2, new TopicConfig(-1, -1, 1 << 20, "none", "delete", 3 << 20));
    assertThat(wide).isNotEqualTo(liked);
    byte[] noise = new byte[2 << 20];
    new Random(1).nextBytes(noise);
    Event small = new Event(0, null, buffer("small"), List.of(), 1);
    Event large = new Event(1, null, ByteBuffer.wrap(noise), List.of(), 1);

    Refusal refusal = refusal(start(request("wide", List.of(small, large, large))));

    assertThat(refusal.code()).isEqualTo(RefusalCode.BATCH_TOO_LARGE);
    assertThat(refusal.attributes()).containsEntry("appended", false);
    assertThat(cluster.first.isIdle() && cluster.second.isIdle()).isTrue();
  }

  @Test
  void aShareThatFitsOnceItIsCompressedIsAppended() {
    cluster.createTopic("even", 1, new TopicConfig(-1, -1, 1 << 20, "lz4", "delete", 3 << 20));
    Event large = event("k", "v".repeat(2 << 20));

    var answer = start(request("even", List.of(large, large, large)));
    cluster.first.next().succeed();

    assertThat(value(answer).allCommitted()).isTrue();
  }

  @Test
  void aPartitionsEventsAreOneBatchOfOneEntry() {
    for (int size : new int[] {1, 500}) {
      var answer =
          start(
              request(
                  new Event(0, null, buffer("a".repeat(size)), List.of(), 1),
                  new Event(1, null, buffer("b".repeat(size)), List.of(), 1),
                  new Event(0, null, buffer("c".repeat(size)), List.of(), 1)));

      ScriptedGroup.Submitted entry = cluster.first.next();
      entry.succeed();
      cluster.second.next().succeed();

      assertThat(entry.commands()).hasSize(1);
      assertThat(value(answer).allCommitted()).isTrue();
      assertThat(cluster.first.isIdle()).isTrue();
    }
  }

  @Test
  void whatIsNotCommittedInTimeMayBeAppended() {
    var answer =
        start(
            new ProduceRequest(
                Optional.empty(),
                "liked",
                List.of(new Event(0, null, buffer("a"), List.of(), 1)),
                Duration.ofMillis(50),
                Optional.empty()));
    ScriptedGroup.Submitted inFlight = cluster.first.next();

    Refusal refusal = refusal(answer);
    inFlight.succeed();

    assertThat(refusal.code()).isEqualTo(RefusalCode.NOT_COMMITTED);
    assertThat(refusal.attributes())
        .containsEntry("appended", "unknown")
        .containsEntry("retry_after_seconds", 1);
    assertThat(log(0)).containsExactly("a");
  }

  @Test
  void whatFailsInOneGroupLeavesTheOthersEventsCommitted() {
    var answer =
        start(
            request(
                new Event(1, null, buffer("a"), List.of(), 1),
                new Event(0, null, buffer("b"), List.of(), 1),
                new Event(1, null, buffer("c"), List.of(), 1)));
    cluster.first.next().succeed();
    cluster.second.next().loseTrack(true);

    List<EventResult> results = value(answer).events();

    assertThat(results.get(1)).isEqualTo(new Committed(0, 0, 1));
    for (int i : new int[] {0, 2}) {
      Refusal refusal = ((Failed) results.get(i)).refusal();
      assertThat(refusal.code()).isEqualTo(RefusalCode.NOT_COMMITTED);
      assertThat(refusal.attributes()).containsEntry("appended", "unknown");
    }
  }

  @Test
  void anUnknownOutcomeOutweighsACertainOne() {
    cluster.first.lead(null);
    var answer =
        start(
            new ProduceRequest(
                Optional.empty(),
                "liked",
                List.of(
                    new Event(0, null, buffer("a"), List.of(), 1),
                    new Event(1, null, buffer("b"), List.of(), 1)),
                Duration.ofMillis(100),
                Optional.empty()));
    cluster.second.next().loseTrack(false);

    Refusal refusal = refusal(answer);

    assertThat(refusal.code()).isEqualTo(RefusalCode.NOT_COMMITTED);
    assertThat(refusal.attributes()).containsEntry("appended", "unknown");
  }

  @Test
  void withoutALeaderItTriesAgainUntilThereIsOne() {
    cluster.first.lead(null);
    var answer = start(request(new Event(0, null, buffer("a"), List.of(), 1)));

    cluster.first.lead(new Leadership(2, 2));
    cluster.first.next().refuse();
    cluster.first.next().succeed();

    assertThat(value(answer).events()).containsExactly(new Committed(0, 0, 1));
    assertThat(log(0)).containsExactly("a");
  }

  @Test
  void withoutALeaderInTimeNothingIsAppended() {
    cluster.first.lead(null);

    Refusal refusal =
        refusal(
            start(
                new ProduceRequest(
                    Optional.empty(),
                    "liked",
                    List.of(new Event(0, null, buffer("a"), List.of(), 1)),
                    Duration.ofMillis(50),
                    Optional.empty())));

    assertThat(refusal.code()).isEqualTo(RefusalCode.NO_LEADER);
    assertThat(refusal.attributes())
        .containsEntry("appended", false)
        .containsEntry("retry_after_seconds", 1);
    assertThat(cluster.first.isIdle()).isTrue();
  }

  @Test
  void aTopicDeletedMeanwhileIsNotFound() {
    cluster.first.missing.add(0);
    var answer = start(request(new Event(0, null, buffer("a"), List.of(), 1)));
    ScriptedGroup.Submitted inFlight = cluster.first.next();

    cluster.change(new MetadataCommand.DeleteTopic(liked));
    inFlight.succeed();

    Refusal refusal = refusal(answer);
    assertThat(refusal.code()).isEqualTo(RefusalCode.TOPIC_NOT_FOUND);
    assertThat(refusal.attributes()).containsEntry("appended", false);
  }

  @Test
  void aPartitionThatIsNotReadyYetIsTriedAgain() {
    cluster.first.missing.add(0);
    var answer = start(request(new Event(0, null, buffer("a"), List.of(), 1)));

    cluster.first.next().succeed();
    cluster.first.missing.clear();
    ScriptedGroup.Submitted again = cluster.first.next();
    again.succeed();

    assertThat(value(answer).events()).containsExactly(new Committed(0, 0, 1));
  }

  private CompletableFuture<Answer<ProduceResult>> start(ProduceRequest request) {
    return CompletableFuture.supplyAsync(() -> produce.produce(request), threads);
  }

  private static ProduceResult value(CompletableFuture<Answer<ProduceResult>> answer) {
    return ((Answer.Ok<ProduceResult>) answer.join()).value();
  }

  private static Refusal refusal(CompletableFuture<Answer<ProduceResult>> answer) {
    return ((Answer.Refused<ProduceResult>) answer.join()).refusal();
  }

  private ScriptedGroup groupOf(int partition) {
    return partition % 2 == 0 ? cluster.first : cluster.second;
  }

  private List<String> log(int partition) {
    return groupOf(partition).values.get(new PartitionId(liked, partition));
  }

  private static ProduceRequest request(Event... events) {
    return request(List.of(events));
  }

  private static ProduceRequest request(List<Event> events) {
    return request("liked", events);
  }

  private static ProduceRequest request(String topic, List<Event> events) {
    return new ProduceRequest(
        Optional.empty(), topic, events, Duration.ofSeconds(20), Optional.empty());
  }

  private static Event event(String key, String value) {
    return new Event(
        null, key == null ? null : buffer(key), buffer(value), List.of(), Event.NO_TIMESTAMP);
  }

  private static ByteBuffer buffer(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }
}
