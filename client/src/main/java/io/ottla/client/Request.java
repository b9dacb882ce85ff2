package io.ottla.client;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A request that may be sent any number of times. Built by one owner, then not changed. */
final class Request {
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);

  private final String method;
  private final String path;
  private final List<String> query = new ArrayList<>();
  private final Map<String, String> headers = new LinkedHashMap<>();
  private byte[] body;
  private Duration timeout = DEFAULT_TIMEOUT;

  private Request(String method, String... segments) {
    StringBuilder joined = new StringBuilder();
    for (String segment : segments) {
      joined.append('/').append(encoded(segment));
    }
    this.method = method;
    this.path = joined.toString();
  }

  static Request get(String... segments) {
    return new Request("GET", segments);
  }

  static Request post(String... segments) {
    return new Request("POST", segments);
  }

  static Request patch(String... segments) {
    return new Request("PATCH", segments);
  }

  static Request delete(String... segments) {
    return new Request("DELETE", segments);
  }

  /** Adds a parameter; nothing if the value is null. */
  Request query(String name, Object value) {
    if (value != null) {
      query.add(encoded(name) + "=" + encoded(value.toString()));
    }
    return this;
  }

  Request header(String name, String value) {
    headers.put(name, value);
    return this;
  }

  /** The value as the body, as a document. */
  Request json(Object value) {
    return body(Json.write(value), "application/json");
  }

  /** The bytes as the body; they are not copied. */
  Request body(byte[] bytes, String contentType) {
    this.body = bytes;
    return header("Content-Type", contentType);
  }

  /** How long to wait for the whole answer, or for a stream's first bytes. */
  Request timeout(Duration within) {
    this.timeout = within;
    return this;
  }

  String method() {
    return method;
  }

  Map<String, String> headers() {
    return headers;
  }

  /** Null if there is none. */
  byte[] body() {
    return body;
  }

  Duration timeout() {
    return timeout;
  }

  /** Path and query, escaped. */
  String target() {
    return query.isEmpty() ? path : path + "?" + String.join("&", query);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
