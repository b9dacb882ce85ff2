package io.ottla.server;

import io.ottla.testkit.LineStream;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Server-sent events as the HTML standard reads them: a block counts when its empty line has come,
 * and its id is remembered even if it has no data. One owner at a time.
 */
final class SseClient implements AutoCloseable {
  private final LineStream lines;
  private Optional<String> lastId;

  private SseClient(LineStream lines, Optional<String> lastId) {
    this.lines = lines;
    this.lastId = lastId;
  }

  /** A block with data. */
  record Message(String event, String data) {}

  /** Opens the stream; an answer other than 200 is an exception. */
  static SseClient open(URI server, String path, Optional<String> lastId) throws IOException {
    Map<String, String> headers = new TreeMap<>(Map.of("Accept", "text/event-stream"));
    lastId.ifPresent(id -> headers.put("Last-Event-ID", id));
    LineStream lines = LineStream.open(server, path, headers);
    String type = lines.header("Content-Type").orElse("");
    if (lines.status() != 200 || !type.startsWith("text/event-stream")) {
      lines.close();
      throw new IOException("not a stream: " + lines.status() + " " + type);
    }
    return new SseClient(lines, lastId);
  }

  /** The next message; empty if the stream has ended. */
  Optional<Message> next(Duration timeout) throws IOException {
    String event = "message";
    StringBuilder data = new StringBuilder();
    Optional<String> id = Optional.empty();
    while (true) {
      Optional<String> line = lines.readLine(timeout);
      if (line.isEmpty()) {
        return Optional.empty();
      }
      String text = line.get();
      if (text.isEmpty()) {
        lastId = id.or(() -> lastId);
        if (data.length() > 0) {
          return Optional.of(new Message(event, data.toString()));
        }
      } else if (text.startsWith("id: ")) {
        id = Optional.of(text.substring(4));
      } else if (text.startsWith("event: ")) {
        event = text.substring(7);
      } else if (text.startsWith("data: ")) {
        data.append(data.length() > 0 ? "\n" : "").append(text.substring(6));
      }
    }
  }

  /** What a reconnect is to send as {@code Last-Event-ID}. */
  Optional<String> lastId() {
    return lastId;
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
