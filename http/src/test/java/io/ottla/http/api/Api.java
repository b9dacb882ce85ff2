package io.ottla.http.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** A plain HTTP client of the server: the JDK's, with Jackson's tree model. */
final class Api {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final int port;

  /** One answer. */
  record Answer(int status, String contentType, String text) {
    JsonNode json() {
      return MAPPER.readTree(text);
    }

    /** The body, if the status is that. */
    JsonNode ok(int expected) {
      assertThat(status).as(text).isEqualTo(expected);
      return json();
    }

    /** The problem document, if it is one of that status and code. */
    JsonNode problem(int expected, String code) {
      assertThat(status).as(text).isEqualTo(expected);
      assertThat(contentType).isEqualTo("application/problem+json");
      JsonNode problem = json();
      assertThat(problem.get("code").asString()).as(text).isEqualTo(code);
      assertThat(problem.get("status").asInt()).isEqualTo(expected);
      assertThat(problem.get("retriable").isBoolean()).isTrue();
      assertThat(problem.get("detail").asString()).isNotEmpty().doesNotContain("Exception");
      assertThat(problem.get("title").asString()).isNotEmpty();
      assertThat(problem.get("type").asString()).isNotEmpty();
      return problem;
    }

    /** The problem document, if it is a 400 that names the field. */
    JsonNode invalid(String field) {
      JsonNode problem = problem(400, "invalid_request");
      assertThat(problem.path("field").asString("")).as(text).isEqualTo(field);
      return problem;
    }
  }

  Api(int port) {
    this.port = port;
  }

  Answer get(String path) {
    return send("GET", path, null);
  }

  /** With an {@code Accept} header. */
  Answer getAs(String accept, String path) {
    return exchange(request("GET", path, null).header("Accept", accept));
  }

  Answer post(String path, String body) {
    return send("POST", path, body);
  }

  /** With headers, given as names and values in turn. */
  Answer post(String path, byte[] body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(60))
            .POST(BodyPublishers.ofByteArray(body));
    return exchange(headers.length == 0 ? request : request.headers(headers));
  }

  Answer delete(String path) {
    return send("DELETE", path, null);
  }

  Answer send(String method, String path, String body) {
    return exchange(request(method, path, body));
  }

  private HttpRequest.Builder request(String method, String path, String body) {
    BodyPublisher publisher =
        body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(60))
            .method(method, publisher);
    if (body != null) {
      request.header("Content-Type", "application/x-www-form-urlencoded");
    }
    return request;
  }

  private static Answer exchange(HttpRequest.Builder request) {
    try {
      HttpResponse<String> response = CLIENT.send(request.build(), BodyHandlers.ofString());
      return new Answer(
          response.statusCode(),
          response.headers().firstValue("Content-Type").orElse(""),
          response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
