package io.ottla.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ottla.client.InMemoryServer.Received;
import io.ottla.client.InMemoryServer.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OttlaConsumerTest {
  private static final TopicPartition PARTITION = new TopicPartition("t", 0);
  private static final Duration SOON = Duration.ofSeconds(20);

  private InMemoryServer server;
  private FakeTopic topic;
  private OttlaConsumer consumer;

  @BeforeEach
  void start() throws IOException {
    server = new InMemoryServer();
    topic = new FakeTopic(server);
  }

  @AfterEach
  void stop() {
    if (consumer != null) {
      consumer.detach();
    }
    server.close();
  }

  private void open(ConsumerConfig.Builder config) {
    consumer = new OttlaConsumer(config.build());
    consumer.subscribe("t");
  }

  private ConsumerConfig.Builder config() {
    return ConsumerConfig.builder(server.url().toString()).group("g").autoCommit(false);
  }

  private void addNumbers(int count) {
    for (int i = 0; i < count; i++) {
      topic.add("\"key\":\"k\",\"value\":" + i);
    }
  }

  private List<String> poll() {
    return consumer.poll(SOON).stream().map(ConsumerRecord::valueText).toList();
  }

  @Test
  void aPollMakesTheConsumerAndGivesRecords() {
    open(config().autoOffsetReset("latest").sessionTimeout(Duration.ofSeconds(5)));
    addNumbers(1);

    List<ConsumerRecord> records = consumer.poll(SOON);

    assertThat(records)
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.topicPartition()).isEqualTo(PARTITION);
              assertThat(record.offset()).isZero();
              assertThat(record.timestamp()).isEqualTo(7);
              assertThat(record.keyText()).isEqualTo("k");
              assertThat(record.valueText()).isEqualTo("0");
            });
    assertThat(consumer.assignment()).containsExactly(PARTITION);
    assertThat(server.received("POST /consumer").get(0).json())
        .containsEntry("topics", List.of("t"))
        .containsEntry("group", "g")
        .containsEntry("from", "latest")
        .containsEntry("session_timeout_ms", 5_000L)
        .containsEntry("auto_commit", false);
  }

  @Test
  void valuesAreTheStoredBytes() {
    List<String> values =
        List.of(
            "{ \"a\" :\t[1.0, 1e2 ,\"\\u00e9\"],\r\n \"b\":{} }",
            "\"é\\n😀\"",
            "1.50",
            "-0",
            "true",
            "[]",
            "\"\"");
    values.forEach(value -> topic.add("\"key\":null,\"value\" : " + value + " "));
    open(config());

    List<String> read = poll();

    assertThat(read).isEqualTo(values);
  }

  @Test
  void bytesAndTombstonesAndHeadersAreRead() {
    topic.add("\"key_base64\":\"/wE=\",\"value_base64\":\"AP8=\",\"headers\":{\"a\":\"é\"}");
    topic.add(
        "\"key\":\"\",\"value\":null,\"header_list\":[{\"name\":\"a\",\"value\":\"1\"},"
            + "{\"name\":\"a\",\"value_base64\":\"/wE=\"},{\"name\":\"b\",\"value\":null}]");
    open(config());

    List<ConsumerRecord> records = consumer.poll(SOON);

    assertThat(records.get(0).key()).containsExactly(0xff, 1);
    assertThat(records.get(0).value()).containsExactly(0, 0xff);
    assertThat(records.get(0).headers()).containsExactly(Header.of("a", "é"));
    assertThat(records.get(1).key()).isEmpty();
    assertThat(records.get(1).value()).isNull();
    assertThat(records.get(1).headers())
        .containsExactly(
            Header.of("a", "1"),
            new Header("a", new byte[] {(byte) 0xff, 1}),
            new Header("b", null));
  }

  @Test
  void pollsGoOnBehindTheLastAnswer() {
    addNumbers(5);
    open(config().maxPollRecords(2));

    assertThat(poll()).containsExactly("0", "1");
    assertThat(poll()).containsExactly("2", "3");
    assertThat(poll()).containsExactly("4");
  }

  @Test
  void lostAnswersComeAgain() {
    addNumbers(5);
    open(config().maxPollRecords(2));
    server.script(
        "GET /events",
        (request, number) -> {
          Reply reply = topic.poll(request);
          return number % 2 == 1 ? Reply.cut() : reply;
        });
    List<String> read = new ArrayList<>();

    for (int i = 0; i < 3; i++) {
      read.addAll(poll());
    }

    assertThat(read).containsExactly("0", "1", "2", "3", "4");
    assertThat(server.received("GET /events")).hasSizeGreaterThanOrEqualTo(6);
  }

  @Test
  void aLostAnswerAfterASeekComesAgain() {
    addNumbers(5);
    open(config().maxPollRecords(2));
    poll();
    consumer.seek(PARTITION, 1);
    server.script(
        "GET /events",
        (request, number) -> {
          Reply reply = topic.poll(request);
          return number == 2 ? Reply.cut() : reply;
        });

    assertThat(poll()).containsExactly("1", "2");
  }

  @Test
  void aFailureThatMayPassIsThrownWhenTheTimeIsOver() {
    open(config());
    server.script("GET /events", (request, number) -> Reply.problem(503, "no_leader", true, null));

    assertThatThrownBy(() -> consumer.poll(Duration.ofMillis(300)))
        .isInstanceOfSatisfying(
            OttlaException.class,
            e -> {
              assertThat(e.code()).isEqualTo("no_leader");
              assertThat(e.retriable()).isTrue();
            });
    assertThat(server.received("GET /events")).hasSizeGreaterThan(1);
  }

  @Test
  void aFailureForGoodIsThrownAtOnce() {
    open(config());
    server.script(
        "GET /events", (request, number) -> Reply.problem(404, "consumer_not_found", false, null));

    assertThatThrownBy(() -> consumer.poll(SOON))
        .isInstanceOfSatisfying(
            OttlaException.class, e -> assertThat(e.code()).isEqualTo("consumer_not_found"));
    assertThat(server.received("GET /events")).hasSize(1);
  }

  @Test
  void committingCommitsWhatPollsGave() {
    addNumbers(5);
    open(config().maxPollRecords(3));
    poll();

    consumer.commitSync();

    assertThat(topic.committed).isEqualTo(3);
    assertThat(consumer.committed(PARTITION)).isEqualTo(3);
    assertThat(consumer.position(PARTITION)).isEqualTo(3);
  }

  @Test
  void committingOffsetsCommitsThose() {
    addNumbers(5);
    open(config());
    poll();

    consumer.commitSync(Map.of(PARTITION, 2L));

    assertThat(topic.committed).isEqualTo(2);
  }

  @Test
  void ofAnIteratorWhatItGaveIsCommitted() {
    addNumbers(5);
    open(config());
    Iterator<ConsumerRecord> records = consumer.iterator();
    records.next();
    records.next();

    consumer.commitSync();

    assertThat(topic.committed).isEqualTo(2);
  }

  @Test
  void whatAnIteratorHasLeftThePollAfterItGives() {
    addNumbers(5);
    open(config());
    Iterator<ConsumerRecord> records = consumer.iterator();
    records.next();
    records.next();

    assertThat(poll()).containsExactly("2", "3", "4");
    consumer.commitSync();

    assertThat(topic.committed).isEqualTo(5);
  }

  @Test
  void seekingMovesThePosition() {
    addNumbers(5);
    open(config());
    poll();

    consumer.seek(PARTITION, 3);
    assertThat(poll()).containsExactly("3", "4");
    consumer.seekToBeginning();
    assertThat(poll()).hasSize(5);
    consumer.seekToBeginning();
    consumer.seekToEnd();
    assertThat(consumer.poll(Duration.ofMillis(1))).isEmpty();
  }

  @Test
  void theIteratorGoesOnThroughFailuresUntilItIsWokenUp() {
    addNumbers(3);
    open(config().maxPollRecords(1));
    server.script(
        "GET /events", (request, number) -> number % 2 == 0 ? Reply.cut() : topic.poll(request));
    List<String> read = new ArrayList<>();

    for (ConsumerRecord record : consumer) {
      read.add(record.valueText());
      if (read.size() == 3) {
        consumer.wakeup();
      }
    }

    assertThat(read).containsExactly("0", "1", "2");
  }

  @Test
  void aStreamGivesTheSame() {
    addNumbers(3);
    open(config());

    List<String> read = consumer.stream().limit(3).map(ConsumerRecord::valueText).toList();

    assertThat(read).containsExactly("0", "1", "2");
  }

  @Test
  void aWakeupEndsAPollThatWaits() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    server.script(
        "GET /events",
        (request, number) -> {
          never.await();
          return Reply.cut();
        });
    open(config());
    Thread waker =
        new Thread(
            () -> {
              Awaitility.await().until(() -> !server.received("GET /events").isEmpty());
              consumer.wakeup();
            });
    waker.start();

    assertThatThrownBy(() -> consumer.poll(Duration.ofMinutes(5)))
        .isInstanceOfSatisfying(
            OttlaException.class, e -> assertThat(e.code()).isEqualTo("wakeup"));
    waker.join();
    never.countDown();
  }

  @Test
  void closingCommitsAndLeaves() {
    addNumbers(2);
    open(config().autoCommit(true));
    poll();
    consumer.wakeup();

    consumer.close();

    assertThat(topic.committed).isEqualTo(2);
    assertThat(server.received("DELETE /consumer/1")).hasSize(1);
    assertThatThrownBy(() -> consumer.poll(SOON))
        .isInstanceOfSatisfying(
            OttlaException.class, e -> assertThat(e.code()).isEqualTo("closed"));
  }

  @Test
  void detachingLeavesTheConsumerToALaterOne() {
    addNumbers(2);
    open(config().maxPollRecords(1));
    poll();

    consumer.detach();
    open(config().consumerId(1L));

    assertThat(poll()).containsExactly("1");
    assertThat(server.received("POST /consumer")).hasSize(1);
    assertThat(server.received("DELETE /consumer/1")).isEmpty();
  }

  @Test
  void pollsSayHowTheyWantIt() {
    addNumbers(1);
    open(
        config()
            .autoCommit(true)
            .autoCommitInterval(Duration.ofMillis(250))
            .fetchMaxBytes(1_000)
            .maxPollRecords(7));

    poll();

    Received poll = server.received("GET /events").get(0);
    assertThat(FakeTopic.query(poll))
        .containsEntry("auto_commit", "true")
        .containsEntry("auto_commit_interval_ms", "250")
        .containsEntry("max_bytes", "1000")
        .containsEntry("max_events", "7");
  }
}
