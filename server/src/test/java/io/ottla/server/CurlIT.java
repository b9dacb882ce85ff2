package io.ottla.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.testkit.Api;
import io.ottla.testkit.ServerProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The five requests that Ottla was asked for, as a person types them. */
class CurlIT {
  private ServerProcess server;

  @TempDir private Path directory;

  @BeforeEach
  void start() throws IOException, InterruptedException {
    server = new TestServer(directory).start();
  }

  @AfterEach
  void end() throws InterruptedException {
    if (server != null) {
      server.kill();
    }
  }

  @Test
  void theFiveRequestsWorkAsTyped() throws IOException, InterruptedException {
    JsonNode cluster = curl("POST", "/cluster", "{\"name\": \"c1\"}");
    assertThat(cluster.required("brokers").size()).isEqualTo(3);
    assertThat(directory.resolve("data").resolve("c1")).isDirectory();

    JsonNode topic = curl("POST", "/topic", "{\"name\": \"liked\", \"cluster\": \"c1\"}");
    assertThat(topic.required("partitions").size()).isEqualTo(3);

    JsonNode event =
        curl(
            "POST",
            "/events",
            "{\"topic\": \"liked\", \"key\": \"u42\", \"value\": {\"post\": 99}}");
    assertThat(event.required("committed").asBoolean()).isTrue();

    JsonNode poll = curl("GET", "/events", "{\"topic\": \"liked\"}");
    assertThat(poll.required("events").size()).isEqualTo(1);
    JsonNode read = poll.required("events").required(0);
    assertThat(read.required("key").asString()).isEqualTo("u42");
    assertThat(read.required("value")).isEqualTo(Api.parse("{\"post\": 99}"));
    assertThat(read.required("offset")).isEqualTo(event.required("offset"));

    long consumer = poll.required("consumer_id").asLong();
    JsonNode commit = curl("POST", "/offset", "{\"consumer_id\": " + consumer + "}");
    int partition = event.required("partition").asInt();
    assertThat(commit.required("committed"))
        .filteredOn(row -> row.required("partition").asInt() == partition)
        .singleElement()
        .extracting(row -> row.required("offset").asLong())
        .isEqualTo(event.required("offset").asLong() + 1);
  }

  @Test
  void aClusterIsMadeAsItsFieldsSay() throws IOException, InterruptedException {
    JsonNode cluster =
        curl(
            "POST",
            "/cluster",
            "{\"name\": \"c2\", \"num_brokers\": 1, \"log_directory\": \"logs\", \"partitions\": 2,"
                + " \"retention_policies\": 0.5}");

    assertThat(cluster.required("brokers").size()).isEqualTo(1);
    assertThat(cluster.required("retention_policies").asDouble()).isEqualTo(0.5);
    assertThat(directory.resolve("data").resolve("logs")).isDirectory();
    JsonNode topic = curl("POST", "/topic", "{\"name\": \"t\"}");
    assertThat(topic.required("partitions").size()).isEqualTo(2);
  }

  private JsonNode curl(String method, String path, String body)
      throws IOException, InterruptedException {
    Process curl =
        new ProcessBuilder(
                "curl", "-sS", "-X", method, server.url().resolve(path).toString(), "-d", body)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String answer = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(curl.waitFor()).isZero();
    JsonNode json = Api.parse(answer);
    assertThat(json.has("code")).as(answer).isFalse();
    return json;
  }
}
