package io.ottla.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ottla.testkit.Api;
import io.ottla.testkit.CuttingProxy;
import io.ottla.testkit.ServerProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Files that are uploaded with curl, as a person does it. */
class NdjsonUploadIT {
  private static final Path FILE = Path.of("../examples/earthquakes.ndjson");
  private static final String LINES = "Content-Type: application/x-ndjson";
  private static final int PARTITIONS = 3;

  @TempDir private Path directory;

  private ServerProcess server;
  private Api api;

  @BeforeEach
  void start() throws IOException, InterruptedException {
    server = new TestServer(directory).start();
    api = new Api(server.url(), Duration.ofSeconds(30));
    api.post("/cluster", Api.object().put("name", "c1")).expect(201);
    api.post("/topic", Api.object().put("name", "quakes")).expect(201);
  }

  @AfterEach
  void end() throws InterruptedException {
    if (api != null) {
      api.close();
    }
    if (server != null) {
      server.kill();
    }
  }

  @Test
  void everyLineOfAFileIsAnEvent() throws IOException, InterruptedException {
    JsonNode answer =
        curl("/events?topic=quakes&lines=value&key=/net", "-H", LINES, "-T", FILE.toString());

    assertThat(answer.required("count").asLong()).isEqualTo(lines().size());
    Map<String, List<String>> read = readByKey();
    assertThat(read).isEqualTo(linesByKey());
    JsonNode partitions = answer.required("partitions");
    for (Map.Entry<String, JsonNode> partition : partitions.properties()) {
      JsonNode extent = partition.getValue();
      assertThat(extent.required("last").asLong() - extent.required("first").asLong() + 1)
          .isEqualTo(extent.required("count").asLong());
    }
  }

  @Test
  void aFileMayBeGzip() throws IOException, InterruptedException {
    Path zipped = directory.resolve("quakes.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(zipped))) {
      Files.copy(FILE, out);
    }

    JsonNode answer =
        curl(
            "/events?topic=quakes&lines=value&key=/net",
            "-H",
            LINES,
            "-H",
            "Content-Encoding: gzip",
            "-T",
            zipped.toString());

    assertThat(answer.required("count").asLong()).isEqualTo(lines().size());
    assertThat(readByKey()).isEqualTo(linesByKey());
  }

  @Test
  void anyBytesComeBack() throws IOException, InterruptedException {
    byte[] bytes = new byte[300_000];
    new Random(1).nextBytes(bytes);
    Path file = Files.write(directory.resolve("bytes"), bytes);

    JsonNode sent =
        curl(
            "/events?topic=quakes&key=k",
            "-H",
            "Content-Type: application/octet-stream",
            "-H",
            "Ottla-Header-Name: bytes",
            "--data-binary",
            "@" + file);
    String path = "/events?topic=quakes&partition=" + sent.required("partition") + "&offset=0";
    JsonNode read = api.get(path).expect(200).required("events").required(0);

    assertThat(Base64.getDecoder().decode(read.required("value_base64").asString()))
        .isEqualTo(bytes);
    assertThat(read.required("headers").toString()).isEqualToIgnoringCase("{\"name\":\"bytes\"}");
  }

  @Test
  void aFileThatIsCutAgainAndAgainIsThereOnceInTheEnd() throws IOException, InterruptedException {
    long producer =
        api.post("/producer", Api.object().put("name", "curl"))
            .expect(201)
            .required("producer_id")
            .asLong();
    String path = "/events?topic=quakes&lines=value&key=/net&sequence=0&producer_id=" + producer;
    AtomicLong cutBytes = new AtomicLong(1_000);
    List<String> answers = new ArrayList<>();
    try (CuttingProxy proxy = CuttingProxy.open(server.url(), cuts(cutBytes))) {
      for (long size = 1_000; size < Files.size(FILE); size = size * 7 / 4) {
        cutBytes.set(size);
        answers.add(curlAt(proxy.url().toString(), path, "-H", LINES, "-T", FILE.toString()));
      }
      assertThat(proxy.requestCuts()).isGreaterThan(5);
    }

    JsonNode whole = curl(path, "-H", LINES, "-T", FILE.toString());
    JsonNode again = curl(path, "-H", LINES, "-T", FILE.toString());

    assertThat(answers).noneMatch(answer -> answer.contains("\"committed\":true"));
    assertThat(whole.required("count").asLong()).isEqualTo(lines().size());
    assertThat(again).isEqualTo(whole);
    assertThat(readByKey()).isEqualTo(linesByKey());
  }

  @Test
  void whatTricklesInCanBeReadAtOnce() throws IOException, InterruptedException {
    Process curl =
        curlProcess(server.url() + "/events?topic=quakes&lines=value", "-H", LINES, "-T", "-");
    try (OutputStream input = curl.getOutputStream()) {
      for (int i = 1; i <= 3; i++) {
        input.write(("{\"n\":" + i + "}\n").getBytes(StandardCharsets.UTF_8));
        input.flush();
        int expected = i;
        await().until(() -> stored() == expected);
      }
    }

    String answer = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(Api.parse(answer).required("count").asInt()).isEqualTo(3);
    assertThat(curl.waitFor()).isZero();
  }

  private static CuttingProxy.Cuts cuts(AtomicLong requestBytes) {
    return new CuttingProxy.Cuts() {
      @Override
      public long requestBytes() {
        return requestBytes.get();
      }

      @Override
      public long answerBytes() {
        return NEVER;
      }

      @Override
      public boolean abrupt() {
        return requestBytes.get() % 2 == 0;
      }
    };
  }

  private long stored() throws IOException, InterruptedException {
    long stored = 0;
    for (JsonNode partition : api.get("/topic/quakes").expect(200).required("partitions")) {
      stored += partition.required("end_offset").asLong();
    }
    return stored;
  }

  private static List<String> lines() throws IOException {
    return Files.readAllLines(FILE);
  }

  private static Map<String, List<String>> linesByKey() throws IOException {
    Map<String, List<String>> lines = new TreeMap<>();
    for (String line : lines()) {
      JsonNode value = Api.parse(line);
      lines
          .computeIfAbsent(value.required("net").asString(), _ -> new ArrayList<>())
          .add(value.toString());
    }
    return lines;
  }

  /** What is stored, in the order of each key. */
  private Map<String, List<String>> readByKey() throws IOException, InterruptedException {
    Map<String, List<String>> read = new TreeMap<>();
    for (int partition = 0; partition < PARTITIONS; partition++) {
      String path = "/events?topic=quakes&max_events=100000&max_bytes=16777216&partition=";
      JsonNode answer = api.get(path + partition).expect(200);
      for (JsonNode event : answer.required("events")) {
        read.computeIfAbsent(event.required("key").asString(), _ -> new ArrayList<>())
            .add(event.required("value").toString());
      }
      assertThat(answer.required("next_offset")).isEqualTo(answer.required("end_offset"));
    }
    return read;
  }

  private JsonNode curl(String path, String... options) throws IOException, InterruptedException {
    String answer = curlAt(server.url().toString(), path, options);
    JsonNode json = Api.parse(answer);
    assertThat(json.has("code")).as(answer).isFalse();
    return json;
  }

  /** What was answered; empty if nothing was. */
  private static String curlAt(String url, String path, String... options)
      throws IOException, InterruptedException {
    Process curl = curlProcess(url + path, options);
    String answer = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    curl.waitFor();
    return answer;
  }

  private static Process curlProcess(String url, String... options) throws IOException {
    List<String> command = new ArrayList<>(List.of("curl", "-sS", "-X", "POST", url));
    command.addAll(List.of(options));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }
}
