package io.ottla.testkit;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A client of one server: JSON in, JSON out, nothing retried. Thread-safe.
 *
 * <p>A path may carry a query. Every status is an answer, only a failed exchange is an exception.
 */
public final class Api implements AutoCloseable {
  private static final JsonMapper MAPPER = new JsonMapper();

  private final URI url;
  private final Duration timeout;
  private final HttpClient client;

  public Api(URI url, Duration timeout) {
    this.url = url;
    this.timeout = timeout;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
  }

  /** What a server answered; the body is {@link MissingNode} if there was none. */
  public record Reply(int status, JsonNode body) {
    /** The body, if the status is the expected one; otherwise an exception that holds both. */
    public JsonNode expect(int expected) throws IOException {
      if (status != expected) {
        throw new IOException("expected " + expected + ", but got " + status + ": " + body);
      }
      return body;
    }
  }

  public URI url() {
    return url;
  }

  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  public static JsonNode parse(String json) {
    return MAPPER.readTree(json);
  }

  public Reply get(String path) throws IOException, InterruptedException {
    return exchange(request(path).GET());
  }

  public Reply post(String path, JsonNode body) throws IOException, InterruptedException {
    return exchange(
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(MAPPER.writeValueAsBytes(body))));
  }

  /** Posts bytes as they are. */
  public Reply post(String path, String contentType, byte[] body)
      throws IOException, InterruptedException {
    return exchange(
        request(path).header("Content-Type", contentType).POST(BodyPublishers.ofByteArray(body)));
  }

  public Reply delete(String path) throws IOException, InterruptedException {
    return exchange(request(path).DELETE());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(url.resolve(path)).timeout(timeout);
  }

  private Reply exchange(HttpRequest.Builder request) throws IOException, InterruptedException {
    var response = client.send(request.build(), BodyHandlers.ofByteArray());
    byte[] body = response.body();
    JsonNode json = body.length == 0 ? MissingNode.getInstance() : MAPPER.readTree(body);
    return new Reply(response.statusCode(), json);
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
