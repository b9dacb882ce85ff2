package io.ottla.demo;

import io.ottla.testkit.Api;
import io.ottla.testkit.LineStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Reads server-sent events as a browser does: it remembers the last id and nothing else, and goes
 * on from there. One owner at a time.
 */
final class EventSource {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Target target;
  private final List<Delivery> deliveries = new ArrayList<>();
  private final Set<String> consumerIds = new HashSet<>();
  private String lastEventId = "";

  EventSource(Target target) {
    this.target = target;
  }

  /** Connects, reads until {@code enough} says so, and cuts the connection. */
  void readUntil(BooleanSupplier enough) throws IOException {
    Map<String, String> headers = new HashMap<>(Map.of("Accept", "text/event-stream"));
    if (!lastEventId.isEmpty()) {
      headers.put("Last-Event-ID", lastEventId);
    }
    try (LineStream lines = LineStream.open(target.api().url(), target.path("/events"), headers)) {
      if (lines.status() != 200) {
        throw new IOException("expected 200, but got " + lines.status());
      }
      consumerIds.add(lines.header("Ottla-Consumer-Id").orElse("none"));
      read(lines, enough);
    }
  }

  private void read(LineStream lines, BooleanSupplier enough) throws IOException {
    String id = lastEventId;
    Optional<String> data = Optional.empty();
    while (!enough.getAsBoolean()) {
      String line =
          lines.readLine(PATIENCE).orElseThrow(() -> new IOException("the stream has ended"));
      if (line.startsWith("id: ")) {
        id = line.substring("id: ".length());
      } else if (line.startsWith("data: ")) {
        data = Optional.of(line.substring("data: ".length()));
      } else if (line.isEmpty()) {
        lastEventId = id;
        data.map(json -> Delivery.of(Api.parse(json))).ifPresent(deliveries::add);
        data = Optional.empty();
      }
    }
  }

  /** What came, in order. */
  List<Delivery> deliveries() {
    return deliveries;
  }

  /** Who the server says that it was. */
  Set<String> consumerIds() {
    return consumerIds;
  }
}
