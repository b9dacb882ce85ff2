package io.ottla.http.api;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** A stream as its client sees it: read line by line, closed when the test has seen enough. */
final class EventSource implements AutoCloseable {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final HttpClient client = HttpClient.newHttpClient();
  private final HttpResponse<InputStream> response;
  private final BufferedReader reader;
  private String lastId = "";

  /** A server-sent event; data is empty if the block had none. */
  record Event(String type, String id, String data) {
    JsonNode json() {
      return MAPPER.readTree(data);
    }
  }

  private EventSource(int port, String path, String accept, String lastEventId) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(30))
            .header("Accept", accept);
    if (!lastEventId.isEmpty()) {
      request.header("Last-Event-ID", lastEventId);
    }
    try {
      response = client.send(request.build(), BodyHandlers.ofInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    reader = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
  }

  /** Server-sent events. */
  static EventSource open(int port, String path) {
    return open(port, path, "");
  }

  /** Server-sent events that go on behind an id. */
  static EventSource open(int port, String path, String lastEventId) {
    return new EventSource(port, path, "text/event-stream", lastEventId);
  }

  /** Lines. */
  static EventSource lines(int port, String path) {
    return new EventSource(port, path, "application/x-ndjson", "");
  }

  int status() {
    return response.statusCode();
  }

  String header(String name) {
    return response.headers().firstValue(name).orElse("");
  }

  /** The last id that was seen. */
  String lastId() {
    return lastId;
  }

  /** The next line; null at the end, however it came about. */
  String line() {
    try {
      return reader.readLine();
    } catch (IOException e) {
      return null; // the server closes streams without a last chunk
    }
  }

  /** The next block that is more than a comment; null at the end. */
  Event block() {
    String type = "message";
    String id = lastId;
    StringBuilder data = new StringBuilder();
    boolean any = false;
    for (String line = line(); line != null; line = line()) {
      if (line.isEmpty()) {
        if (any) {
          lastId = id;
          return new Event(type, id, data.toString());
        }
      } else if (line.startsWith("id: ")) {
        id = line.substring(4);
        any = true;
      } else if (line.startsWith("event: ")) {
        type = line.substring(7);
        any = true;
      } else if (line.startsWith("data: ")) {
        data.append(line.substring(6));
        any = true;
      }
    }
    return null;
  }

  /** The next block with data; null at the end. */
  Event event() {
    Event block = block();
    while (block != null && block.data().isEmpty()) {
      block = block();
    }
    return block;
  }

  /** The next events' data. */
  List<JsonNode> events(int count) {
    List<JsonNode> events = new ArrayList<>();
    while (events.size() < count) {
      events.add(event().json());
    }
    return events;
  }

  @Override
  public void close() {
    client.shutdownNow();
    client.close();
  }
}
