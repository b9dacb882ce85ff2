package io.ottla.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ottla.client.InMemoryServer.Received;
import io.ottla.client.InMemoryServer.Reply;
import io.ottla.client.OttlaException.Appended;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@SuppressWarnings("FutureReturnValueIgnored") // a flush tells as well
class OttlaProducerTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final String EVENTS = "POST /events";

  private InMemoryServer server;
  private OttlaProducer producer;

  @BeforeEach
  void start() throws IOException {
    server = new InMemoryServer();
    server.topics.put("t", 3);
  }

  @AfterEach
  void stop() {
    if (producer != null) {
      producer.close(Duration.ZERO);
    }
    server.close();
  }

  private ProducerConfig.Builder config() {
    return ProducerConfig.builder(server.url().toString())
        .retryBackoff(Duration.ofMillis(1))
        .retryBackoffMax(Duration.ofMillis(5));
  }

  private void open(ProducerConfig.Builder config) {
    producer = new OttlaProducer(config.build());
  }

  private CompletableFuture<RecordMetadata> send(int partition, String value) {
    return producer.send(ProducerRecord.ofJson("t", "k", value).withPartition(partition));
  }

  private static RecordMetadata get(CompletableFuture<RecordMetadata> future) throws Exception {
    return future.get(LONG.toSeconds(), TimeUnit.SECONDS);
  }

  private static OttlaException failure(CompletableFuture<RecordMetadata> future) throws Exception {
    try {
      future.get(LONG.toSeconds(), TimeUnit.SECONDS);
      throw new AssertionError("did not fail");
    } catch (ExecutionException e) {
      return (OttlaException) e.getCause();
    }
  }

  private static void assertGivenUp(
      CompletableFuture<RecordMetadata> future, String code, Appended appended) throws Exception {
    OttlaException failure = failure(future);
    assertThat(failure.code()).as(failure.toString()).isEqualTo(code);
    assertThat(failure.appended()).contains(appended);
  }

  @Test
  void manyRecordsTravelInOneRequestAndEachLearnsItsOffset() throws Exception {
    open(config().linger(LONG));
    List<CompletableFuture<RecordMetadata>> sent = new ArrayList<>();

    for (int i = 0; i < 30; i++) {
      sent.add(send(i % 3, "" + i));
    }
    producer.flush();

    assertThat(server.received(EVENTS)).hasSize(1);
    for (int i = 0; i < 30; i++) {
      RecordMetadata metadata = get(sent.get(i));
      assertThat(metadata.partition()).isEqualTo(i % 3);
      assertThat(metadata.offset()).isEqualTo(i / 3);
      assertThat(server.log(i % 3, "value").get(i / 3)).isEqualTo((long) i);
      assertThat(server.log(i % 3, "timestamp").get(i / 3)).isEqualTo(metadata.timestamp());
    }
  }

  @Test
  void requestsAreNumberedUnderOneRegistration() throws Exception {
    open(config().clientName("web-1"));

    get(send(0, "1"));
    get(send(0, "2"));

    assertThat(server.received("POST /producer"))
        .singleElement()
        .extracting(Received::json)
        .isEqualTo(Map.of("name", "web-1", "cluster", "c1"));
    assertThat(server.received(EVENTS))
        .extracting(request -> request.json().get("producer_id"))
        .containsExactly(1L, 1L);
    assertThat(server.received(EVENTS))
        .extracting(request -> request.json().get("sequence"))
        .containsExactly(1L, 2L);
    assertThat(server.received(EVENTS))
        .extracting(request -> request.json().get("results"))
        .containsOnly("partitions");
  }

  @Test
  void aRecordWaitsNoLongerThanTheLinger() throws Exception {
    open(config().linger(Duration.ofMillis(20)));

    CompletableFuture<RecordMetadata> sent = send(0, "1");

    assertThat(get(sent).offset()).isZero();
  }

  @Test
  void aFullBatchDoesNotLinger() throws Exception {
    open(config().linger(LONG).batchSize(100));

    CompletableFuture<RecordMetadata> sent = send(0, "\"" + "x".repeat(100) + "\"");

    assertThat(get(sent).offset()).isZero();
  }

  @Test
  void everyKindOfFailureIsRepeatedWithTheSameBytesAndAppendedOnce() throws Exception {
    server.script(
        EVENTS,
        (request, number) ->
            switch (number) {
              case 1 -> Reply.cut();
              case 2 -> {
                server.append(request);
                yield Reply.cut();
              }
              case 3 -> Reply.problem(503, "not_committed", true, "unknown");
              case 4 -> Reply.problem(429, "overloaded", true, false);
              case 5 -> Reply.of(502, Map.of());
              case 6 -> Reply.of(201, "not json {".getBytes(StandardCharsets.UTF_8));
              default -> server.append(request);
            });
    open(config());

    RecordMetadata metadata = get(send(1, "{\"a\":1}"));

    assertThat(metadata.offset()).isZero();
    assertThat(server.log(1, "key")).containsExactly("k");
    assertThat(server.received(EVENTS))
        .hasSize(7)
        .extracting(Received::raw)
        .containsOnly(server.received(EVENTS).get(0).raw());
  }

  @Test
  void orderWithinAPartitionIsKeptThroughFailures() throws Exception {
    server.script(
        EVENTS, (request, number) -> number % 3 == 0 ? server.append(request) : Reply.cut());
    open(config().linger(Duration.ZERO).batchSize(1));
    List<Object> values = new ArrayList<>();

    for (long i = 0; i < 200; i++) {
      send(0, "" + i);
      values.add(i);
    }
    producer.flush();

    assertThat(server.log(0, "value")).isEqualTo(values);
  }

  @Test
  void aPartitionWaitsForItsRequestWhileOthersGoOn() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    server.script(
        EVENTS,
        (request, number) -> {
          if (number == 1) {
            release.await();
          }
          return server.append(request);
        });
    open(config().linger(Duration.ZERO));

    CompletableFuture<RecordMetadata> first = send(0, "1");
    Awaitility.await().until(() -> server.received(EVENTS).size() == 1);
    CompletableFuture<RecordMetadata> second = send(0, "2");
    get(send(1, "3"));

    assertThat(first).isNotDone();
    assertThat(second).isNotDone();
    assertThat(server.received(EVENTS)).hasSize(2);
    release.countDown();
    assertThat(get(second).offset()).isEqualTo(1);
  }

  @Test
  void noMoreRequestsAreUnderWayThanAllowed() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    server.script(
        EVENTS,
        (request, number) -> {
          release.await();
          return server.append(request);
        });
    open(config().linger(Duration.ZERO).maxInFlight(1));

    send(0, "1");
    Awaitility.await().until(() -> server.received(EVENTS).size() == 1);
    CompletableFuture<RecordMetadata> second = send(1, "2");
    CompletableFuture<RecordMetadata> third = send(2, "3");
    release.countDown();
    get(second);
    get(third);

    assertThat(server.received(EVENTS)).hasSize(2);
  }

  @Test
  void sequencesDoNotRunAwayFromAnUnansweredOne() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    AtomicBoolean ranAway = new AtomicBoolean();
    server.script(
        EVENTS,
        (request, number) -> {
          if (number == 1) {
            release.await();
          }
          long sequence = (Long) request.json().get("sequence");
          if (sequence >= 1 + 1_024 && release.getCount() > 0) {
            ranAway.set(true);
          }
          return server.append(request);
        });
    open(config().linger(Duration.ZERO));

    CompletableFuture<RecordMetadata> first = send(0, "1");
    Awaitility.await().until(() -> server.received(EVENTS).size() == 1);
    CompletableFuture<RecordMetadata> last = null;
    for (int i = 0; i < 1_100; i++) {
      last = send(1, "2");
      int before = i;
      Awaitility.await()
          .pollInterval(Duration.ofNanos(100_000))
          .until(() -> server.log(1, "value").size() > before || before >= 999);
    }
    boolean waits = !last.isDone();
    release.countDown();
    get(first);
    get(last);

    assertThat(waits).isTrue();
    assertThat(ranAway).isFalse();
  }

  @Test
  void aFullBufferBlocksAndThenRefuses() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    server.script(
        EVENTS,
        (request, number) -> {
          release.await();
          return server.append(request);
        });
    open(config().bufferMemory(1_000).maxBlock(Duration.ofMillis(50)));
    String value = "\"" + "x".repeat(600) + "\"";

    CompletableFuture<RecordMetadata> first = send(0, value);
    CompletableFuture<RecordMetadata> second = send(0, value);

    assertGivenUp(second, "buffer_full", Appended.NO);
    release.countDown();
    get(first);
    assertThat(get(send(0, value)).offset()).isEqualTo(1);
  }

  @Test
  void aSendGoesOnWhenMemoryIsFreed() throws Exception {
    open(config().linger(LONG).bufferMemory(1_000));
    String value = "\"" + "x".repeat(600) + "\"";

    send(0, value);
    CompletableFuture<RecordMetadata> second = send(0, value);
    producer.flush();

    assertThat(get(second).offset()).isEqualTo(1);
  }

  @Test
  void aRecordThatCannotFitIsRefused() throws Exception {
    open(config().maxRequestSize(10_000));

    CompletableFuture<RecordMetadata> sent = send(0, "\"" + "x".repeat(10_000) + "\"");

    assertGivenUp(sent, "record_too_large", Appended.NO);
  }

  @Test
  void aRequestIsNoLargerThanAllowed() throws Exception {
    open(config().linger(LONG).maxRequestSize(10_000));

    for (int i = 0; i < 100; i++) {
      send(i % 3, "\"" + "x".repeat(500) + "\"");
    }
    producer.flush();

    assertThat(server.received(EVENTS))
        .hasSizeGreaterThan(5)
        .allMatch(request -> request.body().length() <= 10_000);
    assertThat(server.log(0, "key")).hasSize(34);
  }

  @Test
  void ofAPartlyFailedRequestTheFailedSharesGoOnWithTheSameBytes() throws Exception {
    server.script(
        EVENTS,
        (request, number) -> {
          Map<String, Object> results = new LinkedHashMap<>();
          server.append(request, 0, results);
          results.put("1", Map.of("error", InMemoryServer.error("batch_too_large", false, false)));
          if (number == 1) {
            results.put(
                "2", Map.of("error", InMemoryServer.error("not_committed", true, "unknown")));
          } else {
            server.append(request, 2, results);
          }
          return Reply.of(207, Map.of("committed", false, "partitions", results));
        });
    open(config().linger(LONG));

    CompletableFuture<RecordMetadata> appended = send(0, "1");
    CompletableFuture<RecordMetadata> refused = send(1, "2");
    CompletableFuture<RecordMetadata> repeated = send(2, "3");
    producer.flush();

    assertThat(get(appended).offset()).isZero();
    assertGivenUp(refused, "batch_too_large", Appended.NO);
    assertThat(get(repeated).offset()).isZero();
    assertThat(server.received(EVENTS)).hasSize(2);
    assertThat(server.received(EVENTS).get(1).raw())
        .isEqualTo(server.received(EVENTS).get(0).raw());
  }

  @Test
  void anInvalidRecordIsGivenUpAloneAndTheOthersGoOn() throws Exception {
    server.script(
        EVENTS,
        (request, number) -> {
          if (number > 1) {
            return server.append(request);
          }
          Map<String, Object> problem = InMemoryServer.error("record_too_large", false, false);
          problem.put("index", 1);
          return Reply.of(413, problem);
        });
    open(config().linger(LONG));

    CompletableFuture<RecordMetadata> first = send(0, "1");
    CompletableFuture<RecordMetadata> second = send(0, "2");
    CompletableFuture<RecordMetadata> third = send(0, "3");
    producer.flush();

    assertThat(get(first).offset()).isZero();
    assertGivenUp(second, "record_too_large", Appended.NO);
    assertThat(get(third).offset()).isEqualTo(1);
    assertThat(server.log(0, "value")).containsExactly(1L, 3L);
  }

  @Test
  void aCallbackSeesCodeAndAppended() throws Exception {
    server.script(
        EVENTS, (request, number) -> Reply.problem(409, "sequence_too_old", false, "unknown"));
    open(config());
    List<OttlaException> failures = new CopyOnWriteArrayList<>();

    CompletableFuture<RecordMetadata> sent =
        producer.send(
            ProducerRecord.ofJson("t", "k", "1"), (metadata, failure) -> failures.add(failure));

    assertGivenUp(sent, "sequence_too_old", Appended.UNKNOWN);
    assertThat(failures).hasSize(1);
    assertThat(failures.get(0).status()).isEqualTo(409);
    assertThat(failures.get(0).appended()).contains(Appended.UNKNOWN);
    assertThat(failures.get(0)).hasMessage("It is sequence_too_old.");
  }

  @Test
  void aFailingCallbackHurtsNobody() throws Exception {
    open(config().linger(LONG));

    CompletableFuture<RecordMetadata> sent =
        producer.send(
            ProducerRecord.ofJson("t", "k", "1"),
            (metadata, failure) -> {
              throw new IllegalStateException("on purpose");
            });
    producer.flush();

    assertThat(get(sent).offset()).isZero();
    CompletableFuture<RecordMetadata> next = send(0, "2");
    producer.flush();
    get(next);
  }

  @Test
  void aCallbackMaySendButNotFlush() throws Exception {
    open(config());
    CompletableFuture<RecordMetadata> second = new CompletableFuture<>();
    CompletableFuture<Throwable> refused = new CompletableFuture<>();

    get(
        producer.send(
            ProducerRecord.ofJson("t", "k", "1"),
            (metadata, failure) -> {
              try {
                producer.flush();
              } catch (IllegalStateException e) {
                refused.complete(e);
              }
              send(0, "2").thenAccept(second::complete);
            }));

    get(second);
    assertThat(refused).isCompletedWithValueMatching(e -> e instanceof IllegalStateException);
  }

  @Test
  void whatIsNotDeliveredInTimeIsGivenUp() throws Exception {
    server.script(EVENTS, (request, number) -> Reply.problem(503, "no_leader", true, false));
    open(config().deliveryTimeout(Duration.ofMillis(200)).retryBackoffMax(LONG).retryBackoff(LONG));

    CompletableFuture<RecordMetadata> sent = send(0, "1");

    assertGivenUp(sent, "delivery_timeout", Appended.NO);
  }

  @Test
  void whatMayBeAppendedSaysSoWhenItIsGivenUp() throws Exception {
    server.script(
        EVENTS,
        (request, number) ->
            number == 1 ? Reply.cut() : Reply.problem(503, "no_leader", true, false));
    open(config().deliveryTimeout(Duration.ofMillis(200)));

    CompletableFuture<RecordMetadata> sent = send(0, "1");

    assertGivenUp(sent, "delivery_timeout", Appended.UNKNOWN);
  }

  @Test
  void anAttemptThatIsNeverAnsweredEndsWithTheDeliveryTimeout() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    server.script(
        EVENTS,
        (request, number) -> {
          never.await();
          return Reply.cut();
        });
    open(config().deliveryTimeout(Duration.ofMillis(200)));

    CompletableFuture<RecordMetadata> sent = send(0, "1");

    assertGivenUp(sent, "delivery_timeout", Appended.UNKNOWN);
    never.countDown();
  }

  @Test
  void aServerThatIsNotThereHasAppendedNothing() throws Exception {
    open(config().deliveryTimeout(Duration.ofMillis(200)));
    get(send(0, "1"));
    server.close();

    CompletableFuture<RecordMetadata> sent = send(0, "2");

    OttlaException failure = failure(sent);
    assertThat(failure.code()).isEqualTo("delivery_timeout");
    assertThat(failure.getMessage()).contains("No answer from");
  }

  @Test
  void aForgottenProducerRegistersAnewAndUnsentRecordsGoOn() throws Exception {
    server.script(
        EVENTS,
        (request, number) ->
            number == 2
                ? Reply.problem(409, "producer_expired", false, "unknown")
                : server.append(request));
    open(config());
    get(send(0, "1"));

    RecordMetadata second = get(send(0, "2"));

    assertThat(second.offset()).isEqualTo(1);
    assertThat(server.received(EVENTS))
        .extracting(request -> request.json().get("producer_id"))
        .containsExactly(1L, 1L, 2L);
    assertThat(server.log(0, "value")).containsExactly(1L, 2L);
  }

  @Test
  void aForgottenProducerGivesUpWhatMayBeAppended() throws Exception {
    server.script(
        EVENTS,
        (request, number) ->
            switch (number) {
              case 1 -> Reply.cut();
              case 2 -> Reply.problem(409, "unknown_producer", false, false);
              default -> server.append(request);
            });
    open(config());

    CompletableFuture<RecordMetadata> first = send(0, "1");
    assertGivenUp(first, "unknown_producer", Appended.UNKNOWN);
    RecordMetadata second = get(send(0, "2"));

    assertThat(second.offset()).isZero();
    assertThat(server.received(EVENTS).get(2).json()).containsEntry("producer_id", 2L);
  }

  @Test
  void registeringIsRepeatedUntilItWorks() throws Exception {
    server.script(
        "POST /producer",
        (request, number) ->
            number < 4 ? Reply.problem(503, "no_leader", true, null) : server.register());
    open(config());

    RecordMetadata sent = get(send(0, "1"));

    assertThat(sent.offset()).isZero();
    assertThat(server.received("POST /producer")).hasSize(4);
  }

  @Test
  void aRefusedRegistrationGivesUpWhatWaits() throws Exception {
    server.script(
        "POST /producer",
        (request, number) ->
            number == 1 ? Reply.problem(400, "invalid_request", false, null) : server.register());
    open(config());

    assertGivenUp(send(0, "1"), "invalid_request", Appended.NO);

    assertThat(get(send(0, "2")).offset()).isZero();
  }

  @Test
  void withoutIdempotenceOnlyWhatIsCertainlyNotAppendedIsRepeated() throws Exception {
    server.script(
        EVENTS,
        (request, number) ->
            switch (number) {
              case 1 -> Reply.problem(503, "no_leader", true, false);
              case 2 -> server.append(request);
              default -> Reply.problem(503, "not_committed", true, "unknown");
            });
    open(config().enableIdempotence(false));

    RecordMetadata first = get(send(0, "1"));
    CompletableFuture<RecordMetadata> second = send(0, "2");

    assertThat(first.offset()).isZero();
    assertGivenUp(second, "not_committed", Appended.UNKNOWN);
    assertThat(server.received(EVENTS)).hasSize(3);
    assertThat(server.received(EVENTS).get(0).json()).doesNotContainKeys("producer_id", "sequence");
    assertThat(server.received("POST /producer")).isEmpty();
  }

  @Test
  void withoutIdempotenceARepeatCarriesOnlyWhatFailed() throws Exception {
    server.script(
        EVENTS,
        (request, number) -> {
          Map<String, Object> results = new LinkedHashMap<>();
          for (int partition : InMemoryServer.shares(request).keySet()) {
            if (number == 1 && partition == 1) {
              results.put("1", Map.of("error", InMemoryServer.error("no_leader", true, false)));
            } else {
              server.append(request, partition, results);
            }
          }
          return Reply.of(207, Map.of("committed", false, "partitions", results));
        });
    open(config().linger(LONG).enableIdempotence(false));

    send(0, "1");
    CompletableFuture<RecordMetadata> repeated = send(1, "2");
    producer.flush();

    assertThat(get(repeated).offset()).isZero();
    assertThat(server.log(0, "value")).containsExactly(1L);
    assertThat(server.log(1, "value")).containsExactly(2L);
  }

  @Test
  @Timeout(60)
  void closingSendsWhatWaits() throws Exception {
    open(config().linger(LONG));
    CompletableFuture<RecordMetadata> sent = send(0, "1");

    producer.close();

    assertThat(sent).isCompletedWithValueMatching(metadata -> metadata.offset() == 0);
    assertGivenUp(send(0, "2"), "closed", Appended.NO);
  }

  @Test
  @Timeout(60)
  void aCallbackMayClose() throws Exception {
    open(config());

    get(producer.send(ProducerRecord.ofJson("t", "k", "1"), (metadata, e) -> producer.close()));

    producer.close();
    assertGivenUp(send(0, "2"), "closed", Appended.NO);
  }

  @Test
  @Timeout(60)
  void anInterruptEndsAFlushAndAClose() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    server.script(
        EVENTS,
        (request, number) -> {
          never.await();
          return Reply.cut();
        });
    open(config());
    CompletableFuture<RecordMetadata> sent = send(0, "1");

    Thread.currentThread().interrupt();
    assertThatThrownBy(producer::flush)
        .isInstanceOfSatisfying(
            OttlaException.class, e -> assertThat(e.code()).isEqualTo("interrupted"));
    producer.close();
    boolean interrupted = Thread.interrupted();

    assertThat(interrupted).isTrue();
    assertThat(sent).isCompletedExceptionally();
    never.countDown();
  }

  @Test
  void closingInTimeGivesUpWhatIsUnanswered() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    server.script(
        EVENTS,
        (request, number) -> {
          never.await();
          return Reply.cut();
        });
    open(config().linger(Duration.ZERO));
    CompletableFuture<RecordMetadata> underWay = send(0, "1");
    Awaitility.await().until(() -> server.received(EVENTS).size() == 1);
    CompletableFuture<RecordMetadata> waiting = send(0, "2");

    producer.close(Duration.ofMillis(10));

    assertThat(underWay).isDone();
    assertGivenUp(underWay, "closed", Appended.UNKNOWN);
    assertThat(waiting).isDone();
    assertGivenUp(waiting, "closed", Appended.NO);
    never.countDown();
  }

  @Test
  void anInterruptedSendGivesUpAndKeepsTheInterrupt() throws Exception {
    open(config().bufferMemory(1_000).linger(LONG));
    CountDownLatch never = new CountDownLatch(1);
    server.script(
        EVENTS,
        (request, number) -> {
          never.await();
          return Reply.cut();
        });
    send(0, "\"" + "x".repeat(600) + "\"");

    Thread.currentThread().interrupt();
    CompletableFuture<RecordMetadata> sent = send(0, "\"" + "x".repeat(600) + "\"");
    boolean interrupted = Thread.interrupted();

    assertThat(interrupted).isTrue();
    assertGivenUp(sent, "interrupted", Appended.NO);
    never.countDown();
  }

  @Test
  void anUnknownTopicIsTold() throws Exception {
    open(config());

    CompletableFuture<RecordMetadata> sent =
        producer.send(ProducerRecord.ofJson("missing", "k", "1"));

    assertGivenUp(sent, "topic_not_found", Appended.NO);
    assertThatThrownBy(() -> producer.partitionsFor("missing"))
        .isInstanceOfSatisfying(OttlaException.class, e -> assertThat(e.status()).isEqualTo(404));
  }

  @Test
  void anExplicitPartitionIsLookedForAgainWhenTheTopicMayHaveGrown() throws Exception {
    open(config());
    get(send(0, "1"));
    server.topics.put("t", 4);

    RecordMetadata sent = get(send(3, "2"));
    CompletableFuture<RecordMetadata> refused = send(4, "3");

    assertThat(sent.partition()).isEqualTo(3);
    assertGivenUp(refused, "partition_out_of_range", Appended.NO);
    assertThat(producer.partitionsFor("t")).isEqualTo(4);
  }

  @Test
  void recordsWithoutAKeyFillOnePartitionAfterTheOther() throws Exception {
    open(config().linger(LONG).batchSize(2_000));

    for (int i = 0; i < 300; i++) {
      producer.send(ProducerRecord.ofJson("t", null, "" + i));
    }
    producer.flush();

    for (int partition = 0; partition < 3; partition++) {
      assertThat(server.log(partition, "value")).hasSizeGreaterThan(50);
    }
  }

  @Test
  void smallBodiesTravelPlainAndLargeOnesCompressed() throws Exception {
    open(config().linger(LONG));

    flushed(send(0, "1"));
    flushed(send(0, "\"" + "x".repeat(5_000) + "\""));

    assertThat(server.received(EVENTS)).extracting(Received::gzip).containsExactly(false, true);
    assertThat(server.received(EVENTS).get(1).raw()).hasSizeLessThan(1_000);
  }

  private void flushed(CompletableFuture<RecordMetadata> sent) throws Exception {
    producer.flush();
    get(sent);
  }
}
