package io.ottla.benchmarks;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Finished HTTP requests that are sent over and over, so that making them costs nothing while the
 * clock runs. One owner at a time.
 */
final class RequestRing {
  /** So much is made in advance: enough not to repeat within a round of the server's. */
  private static final int RING_BYTES = 16 << 20;

  private static final int MAX_REQUESTS = 4_096;

  private final ByteBuffer[] requests;
  private int next;

  private RequestRing(ByteBuffer[] requests) {
    this.requests = requests;
  }

  static RequestRing of(String host, String topic, int eventsPerRequest, EventSource events) {
    byte[] first = request(host, body(topic, eventsPerRequest, events));
    int count = Math.clamp(RING_BYTES / first.length, 16, MAX_REQUESTS);
    ByteBuffer[] requests = new ByteBuffer[count];
    requests[0] = direct(first);
    for (int i = 1; i < count; i++) {
      requests[i] = direct(request(host, body(topic, eventsPerRequest, events)));
    }
    return new RequestRing(requests);
  }

  private static String body(String topic, int eventsPerRequest, EventSource events) {
    StringBuilder json = new StringBuilder("{\"topic\":\"").append(topic).append("\",");
    if (eventsPerRequest == 1) {
      events.appendFields(json);
      return json.append('}').toString();
    }
    json.append("\"events\":[");
    for (int i = 0; i < eventsPerRequest; i++) {
      json.append(i == 0 ? "{" : ",{");
      events.appendFields(json);
      json.append('}');
    }
    return json.append("]}").toString();
  }

  private static byte[] request(String host, String body) {
    int bodyBytes = body.getBytes(StandardCharsets.UTF_8).length;
    String head =
        "POST /events HTTP/1.1\r\nHost: "
            + host
            + "\r\nContent-Type: application/json\r\nContent-Length: "
            + bodyBytes
            + "\r\n\r\n";
    return (head + body).getBytes(StandardCharsets.UTF_8);
  }

  private static ByteBuffer direct(byte[] bytes) {
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }

  /** The next request; it shares its bytes with the ring and is not to be written to. */
  ByteBuffer next() {
    ByteBuffer request = requests[next].duplicate();
    next = (next + 1) % requests.length;
    return request;
  }
}
