package io.ottla.torture.load;

import io.ottla.testkit.Api;
import io.ottla.torture.history.Anomaly;
import io.ottla.torture.history.History;
import io.ottla.torture.history.Place;
import io.ottla.torture.history.Sequel;
import java.io.IOException;
import java.time.Duration;
import tools.jackson.databind.JsonNode;

/** Reads everything there is, once everything has healed. One owner. */
public final class FinalReader {
  private static final int MAX_EVENTS = 20_000;

  private final Api api;
  private final History history;
  private final Duration patience;

  /**
   * @param patience how long a partition may be refused before that counts as an anomaly
   */
  public FinalReader(Api api, History history, Duration patience) {
    this.api = api;
    this.history = history;
    this.patience = patience;
  }

  /** Reads a partition from its start to its end, and says that it did. */
  public void read(Place place) throws IOException, InterruptedException {
    JsonNode partition = description(place);
    if (partition.isMissingNode()) {
      history.findings().add(Anomaly.NOT_HEALED, place + " is not there");
      return;
    }
    long start = partition.path("start_offset").asLong();
    long end = partition.path("end_offset").asLong();
    history.started(place, start);
    Sequel sequel = new Sequel("the last reader", history.findings());
    sequel.from(place, start);
    long offset = start;
    while (offset < end) {
      JsonNode answer = answer(place, offset);
      if (answer.isMissingNode()) {
        break;
      }
      for (JsonNode event : answer.path("events")) {
        sequel.came(place, history.read(place, event, true));
      }
      long next = answer.path("next_offset").asLong();
      if (next <= offset || next != sequel.next(place)) {
        history
            .findings()
            .add(Anomaly.GAP, "%s: from %d to %d nothing is read".formatted(place, offset, next));
      }
      if (next <= offset) {
        break;
      }
      sequel.from(place, next);
      offset = next;
    }
    history.readToTheEnd(place, offset);
  }

  private JsonNode description(Place place) throws IOException, InterruptedException {
    Api.Reply reply = insist("/topic/" + place.topic());
    return reply.body().path("partitions").path(place.partition());
  }

  private JsonNode answer(Place place, long offset) throws IOException, InterruptedException {
    Api.Reply reply = insist(PartitionReads.path(place, offset, MAX_EVENTS));
    return reply.status() == 200 ? reply.body() : reply.body().path("nothing");
  }

  private Api.Reply insist(String path) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      Api.Reply reply = api.get(path);
      if (reply.status() == 200) {
        return reply;
      }
      if (System.nanoTime() > deadline) {
        history.findings().add(Anomaly.NOT_HEALED, path + ": " + reply);
        return reply;
      }
      Site.pause();
    }
  }
}
