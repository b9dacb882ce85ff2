package io.ottla.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.client.ConsumerConfig;
import io.ottla.client.ConsumerRecord;
import io.ottla.client.OttlaConsumer;
import io.ottla.client.OttlaProducer;
import io.ottla.client.ProducerConfig;
import io.ottla.client.ProducerRecord;
import io.ottla.client.RecordMetadata;
import io.ottla.client.TopicPartition;
import io.ottla.testkit.Api;
import io.ottla.testkit.CuttingProxy;
import io.ottla.testkit.ServerProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A seed that failed can be given as the system property {@code seed}. */
class ClientChaosIT {
  private static final int RECORDS = 100_000;
  private static final int KEYS = 997;

  @TempDir private Path directory;

  @Test
  void cutConnectionsAndAKilledServerNeitherLoseNorDoubleNorReorderRecords() throws Exception {
    long seed = Long.getLong("seed", System.nanoTime());
    TestServer files = new TestServer(directory);
    ServerProcess server = files.start();
    RandomCuts cuts = new RandomCuts(seed);
    try (CuttingProxy proxy = CuttingProxy.open(server.url(), cuts)) {
      createTopic(server);
      List<CompletableFuture<RecordMetadata>> sent = new ArrayList<>();
      try (OttlaProducer producer = new OttlaProducer(config(proxy))) {
        for (int i = 0; i < RECORDS; i++) {
          if (i == RECORDS / 2) {
            server.kill();
            server = files.start();
            proxy.redirect(server.url());
          }
          sent.add(producer.send(ProducerRecord.ofJson("t", "key-" + i % KEYS, "" + i)));
        }
      }

      assertThat(proxy.requestCuts()).as("requests cut, seed %d", seed).isGreaterThan(10);
      assertThat(proxy.answerCuts()).as("answers cut, seed %d", seed).isGreaterThan(10);
      cuts.reading();
      assertEachIsThereOnce(sent, proxy, seed);
    } finally {
      server.kill();
    }
  }

  private static void createTopic(ServerProcess server) throws Exception {
    try (Api api = new Api(server.url(), Duration.ofSeconds(20))) {
      api.post("/cluster", Api.object().put("name", "c1")).expect(201);
      api.post("/topic", Api.object().put("name", "t").put("cluster", "c1")).expect(201);
    }
  }

  private static ProducerConfig config(CuttingProxy proxy) {
    return ProducerConfig.builder(proxy.url().toString())
        .batchSize(8 * 1024)
        .maxRequestSize(64 * 1024)
        .bufferMemory(1024 * 1024)
        .compression(ProducerConfig.Compression.NONE)
        .retryBackoff(Duration.ofMillis(10))
        .retryBackoffMax(Duration.ofMillis(200))
        .build();
  }

  /** Reads through the same proxy, so that answers to polls are lost as well. */
  private static void assertEachIsThereOnce(
      List<CompletableFuture<RecordMetadata>> sent, CuttingProxy proxy, long seed)
      throws Exception {
    Map<String, Integer> lastOfKey = new HashMap<>();
    Map<TopicPartition, Long> next = new HashMap<>();
    ConsumerConfig config = ConsumerConfig.builder(proxy.url().toString()).build();
    int read = 0;
    try (OttlaConsumer consumer = new OttlaConsumer(config)) {
      consumer.subscribe("t");
      while (read < RECORDS) {
        List<ConsumerRecord> records = consumer.poll(Duration.ofSeconds(30));
        assertThat(records).as("after %d records, seed %d", read, seed).isNotEmpty();
        for (ConsumerRecord record : records) {
          int number = Integer.parseInt(record.valueText());
          RecordMetadata metadata = sent.get(number).get();
          assertThat(record.offset())
              .as("record %d, seed %d", number, seed)
              .isEqualTo(metadata.offset())
              .isEqualTo(next.getOrDefault(record.topicPartition(), 0L));
          next.put(record.topicPartition(), record.offset() + 1);
          Integer before = lastOfKey.put(record.keyText(), number);
          assertThat(number - (before == null ? number - KEYS : before))
              .as("record %d after %d of its key, seed %d", number, before, seed)
              .isEqualTo(KEYS);
          read++;
        }
      }
    }
    assertThat(read).isEqualTo(RECORDS);
  }

  /**
   * Cuts every connection, after several requests on average while records are sent, and after
   * several polls while they are read. Thread-safe.
   */
  private static final class RandomCuts implements CuttingProxy.Cuts {
    private static final int MEAN_REQUEST_BYTES = 120_000;
    private static final int MEAN_ANSWER_BYTES = 1_500;
    private static final int MEAN_POLL_BYTES = 300_000;

    private final Random random;
    private volatile int meanAnswerBytes = MEAN_ANSWER_BYTES;

    RandomCuts(long seed) {
      random = new Random(seed);
    }

    /** From now on records are read. */
    void reading() {
      meanAnswerBytes = MEAN_POLL_BYTES;
    }

    @Override
    public synchronized long requestBytes() {
      return 1 + (long) (MEAN_REQUEST_BYTES * random.nextExponential());
    }

    @Override
    public synchronized long answerBytes() {
      return (long) (meanAnswerBytes * random.nextExponential());
    }

    @Override
    public synchronized boolean abrupt() {
      return random.nextBoolean();
    }
  }
}
