package io.ottla.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.client.InMemoryServer.Received;
import io.ottla.client.InMemoryServer.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A seed that failed can be given as the system property {@code seed}. */
class ProducerFailuresTest {
  private static final int RECORDS = 10_000;
  private static final int PARTITIONS = 5;

  @Test
  void randomFailuresNeitherLoseNorDoubleNorReorderRecords() throws Exception {
    long seed = Long.getLong("seed", System.nanoTime());
    try (InMemoryServer server = new InMemoryServer()) {
      server.topics.put("t", PARTITIONS);
      Random random = new Random(seed);
      server.script("POST /events", (request, number) -> react(server, request, random));
      List<CompletableFuture<RecordMetadata>> sent = new ArrayList<>();

      try (OttlaProducer producer = new OttlaProducer(config(server))) {
        for (int i = 0; i < RECORDS; i++) {
          sent.add(producer.send(ProducerRecord.ofJson("t", "key-" + i % 97, "" + i)));
        }
      }

      for (int i = 0; i < RECORDS; i++) {
        RecordMetadata metadata = sent.get(i).get(1, TimeUnit.SECONDS);
        assertThat(server.log(metadata.partition(), "value").get((int) metadata.offset()))
            .as("record %d, seed %d", i, seed)
            .isEqualTo((long) i);
      }
      assertThat(lastOfEachKey(server, seed)).hasSize(97);
    }
  }

  private static ProducerConfig config(InMemoryServer server) {
    return ProducerConfig.builder(server.url().toString())
        .linger(Duration.ofMillis(1))
        .batchSize(1_000)
        .maxRequestSize(8_000)
        .bufferMemory(64_000)
        .retryBackoff(Duration.ofMillis(1))
        .retryBackoffMax(Duration.ofMillis(4))
        .build();
  }

  /** Appends everything, something or nothing, and says so, says something else or nothing. */
  private static Reply react(InMemoryServer server, Received request, Random random) {
    int choice;
    List<Integer> appended = new ArrayList<>();
    synchronized (random) {
      choice = random.nextInt(10);
      InMemoryServer.shares(request).keySet().stream()
          .filter(partition -> random.nextBoolean())
          .forEach(appended::add);
    }
    return switch (choice) {
      case 0 -> Reply.cut();
      case 1 -> {
        server.append(request);
        yield Reply.cut();
      }
      case 2 -> Reply.problem(503, "no_leader", true, false);
      case 3 -> {
        server.append(request);
        yield Reply.problem(503, "not_committed", true, "unknown");
      }
      case 4, 5 -> partly(server, request, appended);
      default -> server.append(request);
    };
  }

  /** Of the shares that are not appended, or are without its being said, the server says either. */
  private static Reply partly(InMemoryServer server, Received request, List<Integer> appended) {
    Map<String, Object> results = new LinkedHashMap<>();
    for (int partition : InMemoryServer.shares(request).keySet()) {
      if (appended.contains(partition)) {
        server.append(request, partition, results);
      } else if (partition % 2 == 0) {
        server.append(request, partition, new LinkedHashMap<>());
        results.put(
            "" + partition,
            Map.of("error", InMemoryServer.error("not_committed", true, "unknown")));
      } else {
        results.put(
            "" + partition, Map.of("error", InMemoryServer.error("no_leader", true, false)));
      }
    }
    return Reply.of(207, Map.of("committed", false, "partitions", results));
  }

  private static Map<Object, Long> lastOfEachKey(InMemoryServer server, long seed) {
    Map<Object, Long> last = new LinkedHashMap<>();
    int records = 0;
    for (int partition = 0; partition < PARTITIONS; partition++) {
      List<Object> keys = server.log(partition, "key");
      List<Object> values = server.log(partition, "value");
      for (int i = 0; i < keys.size(); i++) {
        Long before = last.put(keys.get(i), (Long) values.get(i));
        assertThat((Long) values.get(i))
            .as("partition %d offset %d, seed %d", partition, i, seed)
            .isGreaterThan(before == null ? -1 : before);
        records++;
      }
    }
    assertThat(records).as("records, seed %d", seed).isEqualTo(RECORDS);
    return last;
  }
}
