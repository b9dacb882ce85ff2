package io.ottla.torture.load;

import io.ottla.testkit.Api;
import io.ottla.testkit.LineStream;
import io.ottla.torture.history.Anomaly;
import io.ottla.torture.history.History;
import io.ottla.torture.history.Place;
import io.ottla.torture.history.Sequel;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import tools.jackson.databind.JsonNode;

/**
 * A reader without a consumer: reads parts of partitions, and follows some of them as streams. One
 * owner, the thread that runs it.
 */
final class PartitionReads implements Runnable {
  private static final Duration FOLLOW_AT_MOST = Duration.ofSeconds(3);
  private static final int MAX_EVENTS = 2_000;

  private final Site site;
  private final History history;
  private final SplittableRandom random;

  PartitionReads(Site site, SplittableRandom random) {
    this.site = site;
    this.history = site.history();
    this.random = random;
  }

  static String path(Place place, long offset, int maxEvents) {
    return "/events?topic=%s&partition=%d&offset=%d&max_events=%d&max_bytes=4194304"
        .formatted(place.topic(), place.partition(), offset, maxEvents);
  }

  @Override
  public void run() {
    try {
      while (!site.hasEnded()) {
        Place place = site.anyPlace(random);
        if (random.nextInt(3) == 0) {
          follow(place);
        } else {
          read(place);
        }
        Site.pause();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void read(Place place) throws InterruptedException {
    try {
      long offset = somewhere(place);
      Sequel sequel = new Sequel("a read", history.findings());
      sequel.from(place, offset);
      Api.Reply reply = site.api().get(path(place, offset, 1 + random.nextInt(MAX_EVENTS)));
      if (reply.status() == 200) {
        for (JsonNode event : reply.body().path("events")) {
          sequel.came(place, history.read(place, event, false));
        }
        long next = reply.body().path("next_offset").asLong(-1);
        if (next != sequel.next(place)) {
          history
              .findings()
              .add(
                  Anomaly.POLL_SKIP_OR_BACK,
                  "%s: next_offset %d, and %d is next".formatted(place, next, sequel.next(place)));
        }
      } else {
        refused(reply.status(), place + ":" + offset + " " + reply);
      }
    } catch (IOException e) {
      // The server is gone: nothing was read.
    }
  }

  /** Refused for the moment is fine. */
  private void refused(int status, String what) {
    if (status / 100 == 4 || status == 500) {
      Anomaly kind = status == 410 ? Anomaly.EARLY_RETENTION : Anomaly.UNEXPECTED_ANSWER;
      history.findings().add(kind, what);
    }
  }

  private long somewhere(Place place) throws IOException, InterruptedException {
    Api.Reply reply = site.api().get("/topic/" + place.topic());
    JsonNode partition = reply.body().path("partitions").path(place.partition());
    long end = partition.path("end_offset").asLong(0);
    return end == 0 ? 0 : random.nextLong(end);
  }

  private void follow(Place place) throws InterruptedException {
    try {
      long offset = somewhere(place);
      Sequel sequel = new Sequel("a stream", history.findings());
      sequel.from(place, offset);
      String path =
          "/events?topic=%s&partition=%d&offset=%d&follow=true"
              .formatted(place.topic(), place.partition(), offset);
      try (LineStream lines =
          LineStream.open(site.api().url(), path, Map.of("Accept", "application/x-ndjson"))) {
        if (lines.status() == 200) {
          follow(place, lines, sequel);
        } else {
          refused(lines.status(), path + ": " + lines.status());
        }
      }
    } catch (IOException e) {
      // The stream was cut with the server.
    }
  }

  private void follow(Place place, LineStream lines, Sequel sequel) throws IOException {
    long deadline = System.nanoTime() + FOLLOW_AT_MOST.toNanos();
    int left = MAX_EVENTS;
    while (left-- > 0 && !site.hasEnded()) {
      long leftNanos = deadline - System.nanoTime();
      Optional<String> line =
          leftNanos <= 0 ? Optional.empty() : readLine(lines, Duration.ofNanos(leftNanos));
      if (line.isEmpty()) {
        return;
      }
      JsonNode event = Api.parse(line.get());
      if (event.has("offset")) {
        sequel.came(place, history.read(place, event, false));
      }
    }
  }

  private static Optional<String> readLine(LineStream lines, Duration time) throws IOException {
    try {
      return lines.readLine(time);
    } catch (SocketTimeoutException e) {
      return Optional.empty();
    }
  }
}
