package io.ottla.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.client.ConsumerConfig;
import io.ottla.client.ConsumerRecord;
import io.ottla.client.Header;
import io.ottla.client.OttlaConsumer;
import io.ottla.client.OttlaException;
import io.ottla.client.OttlaException.Appended;
import io.ottla.client.OttlaProducer;
import io.ottla.client.OttlaReader;
import io.ottla.client.ProducerConfig;
import io.ottla.client.ProducerRecord;
import io.ottla.client.RecordMetadata;
import io.ottla.client.TopicPartition;
import io.ottla.testkit.Api;
import io.ottla.testkit.ServerProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client library against a server that runs as a process of its own. */
class ClientIT {
  private static final int RECORDS = 10_000;
  private static final Duration SOON = Duration.ofSeconds(20);

  private static ServerProcess server;
  private static Api api;
  private static int tests;

  @TempDir private static Path directory;

  /** Of one test, as members of others may still be known. */
  private final String group = "g" + tests++;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    server = new TestServer(directory).start();
    api = new Api(server.url(), Duration.ofSeconds(20));
    api.post("/cluster", Api.object().put("name", "c1")).expect(201);
  }

  @AfterAll
  static void end() throws InterruptedException {
    api.close();
    server.kill();
  }

  @BeforeEach
  void createTopic() throws IOException, InterruptedException {
    api.post("/topic", Api.object().put("name", "t").put("cluster", "c1")).expect(201);
  }

  @AfterEach
  void deleteTopic() throws IOException, InterruptedException {
    api.delete("/topic/t").expect(204);
  }

  private OttlaProducer producer() {
    return new OttlaProducer(ProducerConfig.builder(server.url().toString()).build());
  }

  private ConsumerConfig.Builder config() {
    return ConsumerConfig.builder(server.url().toString()).group(group).autoCommit(false);
  }

  private OttlaConsumer consumer() {
    OttlaConsumer consumer = new OttlaConsumer(config().build());
    consumer.subscribe("t");
    return consumer;
  }

  private List<RecordMetadata> produce(int count) throws Exception {
    List<CompletableFuture<RecordMetadata>> sent = new ArrayList<>();
    try (OttlaProducer producer = producer()) {
      for (int i = 0; i < count; i++) {
        sent.add(producer.send(ProducerRecord.ofJson("t", "key-" + i % 50, "{\"n\": " + i + "}")));
      }
    }
    List<RecordMetadata> appended = new ArrayList<>();
    for (CompletableFuture<RecordMetadata> one : sent) {
      appended.add(one.get(1, TimeUnit.SECONDS));
    }
    return appended;
  }

  private static List<ConsumerRecord> read(OttlaConsumer consumer, int count) {
    List<ConsumerRecord> records = new ArrayList<>();
    while (records.size() < count) {
      List<ConsumerRecord> some = consumer.poll(SOON);
      assertThat(some).as("after %d records", records.size()).isNotEmpty();
      records.addAll(some);
    }
    return records;
  }

  @Test
  void whatIsProducedIsConsumedOnceInOrderAtItsOffsets() throws Exception {
    List<RecordMetadata> appended = produce(RECORDS);

    try (OttlaConsumer consumer = consumer()) {
      Map<String, Integer> lastOfKey = new HashMap<>();
      Map<TopicPartition, Long> lastOffset = new HashMap<>();
      for (ConsumerRecord record : read(consumer, RECORDS)) {
        int number = Integer.parseInt(record.valueText().replaceAll("\\D", ""));
        RecordMetadata metadata = appended.get(number);
        assertThat(record.valueText()).isEqualTo("{\"n\": " + number + "}");
        assertThat(record.keyText()).isEqualTo("key-" + number % 50);
        assertThat(record.partition()).isEqualTo(metadata.partition());
        assertThat(record.offset()).isEqualTo(metadata.offset());
        assertThat(record.timestamp()).isEqualTo(metadata.timestamp());
        Integer before = lastOfKey.put(record.keyText(), number);
        assertThat(number).isGreaterThan(before == null ? -1 : before);
        Long offset = lastOffset.put(record.topicPartition(), record.offset());
        assertThat(record.offset()).isEqualTo(offset == null ? 0 : offset + 1);
      }
      assertThat(consumer.poll(Duration.ZERO)).isEmpty();
      assertThat(consumer.assignment()).hasSize(3);
    }
  }

  @Test
  void aLaterConsumerStartsAtTheCommitAndASeekGoesBack() throws Exception {
    produce(100);
    int committed;
    try (OttlaConsumer consumer = consumer()) {
      committed = consumer.poll(SOON).size();
      consumer.commitSync();
      produce(100);
      consumer.poll(SOON); // and not committed
    }

    try (OttlaConsumer consumer = consumer()) {
      assertThat(read(consumer, 200 - committed)).hasSize(200 - committed);
      TopicPartition partition = consumer.assignment().iterator().next();
      long end = consumer.position(partition);
      consumer.seek(partition, end - 1);
      assertThat(read(consumer, 1)).extracting(ConsumerRecord::offset).containsExactly(end - 1);
      consumer.seekToBeginning();
      assertThat(read(consumer, 200)).hasSize(200);
      consumer.commitSync(Map.of(partition, 5L));
      assertThat(consumer.committed(partition)).isEqualTo(5);
    }
  }

  @Test
  void aDetachedConsumerIsGoneOnWith() throws Exception {
    produce(100);
    OttlaConsumer first = new OttlaConsumer(config().maxPollRecords(10).build());
    first.subscribe("t");
    List<ConsumerRecord> records = new ArrayList<>(read(first, 10));
    long id = first.consumerId();

    first.detach();
    try (OttlaConsumer second = new OttlaConsumer(config().consumerId(id).build())) {
      records.addAll(read(second, 90));
    }

    assertThat(records).extracting(ConsumerRecord::valueText).doesNotHaveDuplicates().hasSize(100);
  }

  @Test
  void bytesOfEveryKindComeBackAsTheyWere() throws Exception {
    byte[] binary = {0, (byte) 0xff, '\n', '"'};
    List<byte[]> values =
        List.of(
            binary,
            new byte[0],
            utf8("null"),
            utf8(" 1"),
            utf8("{ \"a\" :\r\n\t1.00 }"),
            utf8("\"\\u00e9é😀\""),
            utf8("hello"),
            utf8("-0"),
            utf8("[".repeat(70) + "]".repeat(70)));
    try (OttlaProducer producer = producer()) {
      for (byte[] value : values) {
        producer
            .send(
                ProducerRecord.of("t", binary, value)
                    .withHeader(Header.of("a", "é"))
                    .withHeader(new Header("a", binary))
                    .withHeader(new Header("b", null)))
            .get(20, TimeUnit.SECONDS);
      }
      producer.send(ProducerRecord.tombstone("t", "k")).get(20, TimeUnit.SECONDS);
    }

    try (OttlaConsumer consumer = consumer()) {
      List<ConsumerRecord> records = new ArrayList<>(read(consumer, values.size() + 1));
      ConsumerRecord tombstone =
          records.stream().filter(record -> record.value() == null).findAny().orElseThrow();
      assertThat(tombstone.keyText()).isEqualTo("k");
      records.remove(tombstone);
      for (int i = 0; i < values.size(); i++) {
        assertThat(records.get(i).value()).isEqualTo(values.get(i));
        assertThat(records.get(i).key()).isEqualTo(binary);
        assertThat(records.get(i).headers())
            .containsExactly(Header.of("a", "é"), new Header("a", binary), new Header("b", null));
      }
    }
  }

  @Test
  void anInvalidRecordFailsAloneWithItsCode() throws Exception {
    ProducerConfig config =
        ProducerConfig.builder(server.url().toString()).linger(Duration.ofMinutes(1)).build();
    try (OttlaProducer producer = new OttlaProducer(config)) {
      CompletableFuture<RecordMetadata> good = producer.send(ProducerRecord.ofJson("t", "k", "1"));
      CompletableFuture<RecordMetadata> large =
          producer.send(ProducerRecord.ofText("t", "k", "x".repeat(1_100_000)));
      CompletableFuture<RecordMetadata> next = producer.send(ProducerRecord.ofJson("t", "k", "2"));
      producer.flush();

      assertThat(good.get().offset()).isZero();
      assertThat(next.get().offset()).isEqualTo(1);
      assertThat(large)
          .failsWithin(SOON)
          .withThrowableOfType(ExecutionException.class)
          .havingCause()
          .isInstanceOfSatisfying(
              OttlaException.class,
              e -> {
                assertThat(e.code()).isEqualTo("record_too_large");
                assertThat(e.appended()).contains(Appended.NO);
              });
    }
  }

  @Test
  void theExampleOfTheReadmeRuns() throws Exception {
    api.post("/topic", Api.object().put("name", "liked").put("cluster", "c1")).expect(201);

    JavaExample.publish(server.url().toString());
    JavaExample.read(server.url().toString());

    assertThat(api.get("/offset?group=g1&topic=liked").expect(200).required("partitions"))
        .anyMatch(row -> row.required("committed").asLong(0) > 0);
  }

  @Test
  void aPartitionIsReadFromAnyOffset() throws Exception {
    produce(100);
    RecordMetadata last = produce(51).get(50);

    try (OttlaReader reader = new OttlaReader(config().build())) {
      TopicPartition partition = new TopicPartition("t", last.partition());
      OttlaReader.Page page = reader.read(partition, last.offset(), Duration.ZERO);

      assertThat(page.records())
          .extracting(ConsumerRecord::valueText)
          .containsExactly("{\"n\": 50}");
      assertThat(page.nextOffset()).isEqualTo(last.offset() + 1);
      assertThat(reader.read(partition, page.nextOffset(), Duration.ZERO).records()).isEmpty();
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
