package io.ottla.cli;

import io.ottla.cli.terminal.Console;
import io.ottla.testkit.FakeServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Runs commands in this process against a fake server. One owner at a time. */
final class Shell implements AutoCloseable {
  static final String TOPIC =
      """
      {"topic_id":"id2","name":"liked","cluster":"c1","internal":false,"num_partitions":2,\
      "retention_policies":168,"retention_bytes":-1,"segment_bytes":134217728,\
      "compression":"lz4","cleanup_policy":"delete","max_record_bytes":1048576,\
      "created_at":"2026-01-01T00:00:00Z","partitions":[{"partition":0,"leader":1,\
      "replicas":[1],"start_offset":0,"end_offset":2,"replica_details":[{"broker":1,\
      "directory":"d","start_offset":0,"end_offset":2,"size_bytes":77}]},\
      {"partition":1,"leader":null,"replicas":[2,1],"start_offset":5,"end_offset":7}]}\
      """;

  final FakeServer server;
  private final Map<String, String> environment = new HashMap<>();

  Shell() throws IOException {
    this.server = FakeServer.start();
    environment.put("OTTLA_URL", server.url().toString());
  }

  /** How a command ended, and what it wrote. */
  record Ended(int exitCode, String out, String err) {}

  Shell with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  Ended run(String... arguments) {
    return runOn("", "", arguments);
  }

  /**
   * Runs a command.
   *
   * @param terminals which of its output streams are terminals
   */
  Ended runOn(String terminals, String in, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console =
        new Console(
            new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)),
            out,
            err,
            environment,
            terminals);
    int exitCode = Main.run(console, arguments);
    return new Ended(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    server.close();
  }
}
