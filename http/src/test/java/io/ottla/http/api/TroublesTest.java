package io.ottla.http.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ottla.broker.DiskReserve;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What clients are told when a disk is full or a broker has failed. */
class TroublesTest {
  /** More than any disk has. */
  private static final DiskReserve NEVER_MET = new DiskReserve(OptionalLong.of(1L << 60));

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path directory;

  @BeforeEach
  void makeCluster() throws IOException {
    try (ServedDeployment served = ServedDeployment.open(directory)) {
      served.api().post("/cluster", "{\"name\":\"c1\"}").ok(201);
      served.api().post("/topic", "{\"name\":\"t\",\"partitions\":1}").ok(201);
      served.api().post("/events", "{\"topic\":\"t\",\"value\":1}").ok(201);
    }
  }

  private static void awaitReady(Api api) {
    await().atMost(PATIENCE).until(() -> api.get("/health/ready").status() == 200);
  }

  @Test
  void aDiskBelowItsReserveIsAnsweredWithWhatWasNotAppendedAndWhy() throws IOException {
    try (ServedDeployment served = ServedDeployment.open(directory, NEVER_MET)) {
      Api api = served.api();
      awaitReady(api);

      JsonNode problem =
          api.post("/events", "{\"topic\":\"t\",\"value\":2}").problem(507, "disk_full");

      assertThat(problem.get("retriable").asBoolean()).isTrue();
      assertThat(problem.get("appended").isBoolean()).isTrue();
      assertThat(problem.get("appended").asBoolean()).isFalse();
      assertThat(problem.get("retry_after_seconds").asInt()).isPositive();
      assertThat(problem.get("detail").asString()).contains("broker-", "bytes are free");
      api.post("/topic", "{\"name\":\"new\"}").problem(507, "disk_full");
      api.post("/cluster", "{\"name\":\"c2\"}").problem(507, "disk_full");
      assertThat(api.get("/events?topic=t&partition=0&offset=0").ok(200).get("events")).hasSize(1);
    }
  }

  @Test
  void aBrokerThatFailedIsShownWithItsReasonAndTheOthersWithoutOne() throws IOException {
    for (String name : new String[] {"broker.json", "broker.copy"}) {
      Path file = directory.resolve("c1/broker-2").resolve(name);
      Files.delete(file);
      Files.createDirectory(file); // it cannot be read
    }
    try (ServedDeployment served = ServedDeployment.open(directory)) {
      awaitReady(served.api());

      JsonNode brokers = served.api().get("/cluster/c1").ok(200).get("brokers");

      assertThat(brokers.get(1).get("state").asString()).isEqualTo("failed");
      assertThat(brokers.get(1).get("reason").asString()).contains("cannot be looked at");
      for (int other : new int[] {0, 2}) {
        assertThat(brokers.get(other).get("state").asString()).isEqualTo("running");
        assertThat(brokers.get(other).has("reason")).isFalse();
      }
      served.api().post("/events", "{\"topic\":\"t\",\"value\":2}").ok(201);
    }
  }
}
