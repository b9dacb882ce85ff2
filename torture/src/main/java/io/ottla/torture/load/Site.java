package io.ottla.torture.load;

import io.ottla.testkit.Api;
import io.ottla.torture.history.History;
import io.ottla.torture.history.Place;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * The server that clients work on, through all of its lives, and what they share. Thread-safe; the
 * attacker replaces the server's address after each start.
 */
public final class Site {
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final History history;
  private final Map<String, Integer> partitionsByTopic;
  private final Duration requestTimeout;
  private volatile Api api;
  private volatile boolean ended;

  /** When more than so many events are acked, producers slow down. */
  private volatile long enoughEvents = Long.MAX_VALUE;

  /**
   * @param partitionsByTopic the topics that clients use
   */
  public Site(History history, Map<String, Integer> partitionsByTopic, Duration requestTimeout) {
    this.history = history;
    this.partitionsByTopic = Map.copyOf(partitionsByTopic);
    this.requestTimeout = requestTimeout;
  }

  public History history() {
    return history;
  }

  /** A server is ready at that address. */
  public void serve(URI url) {
    Api before = api;
    api = new Api(url, requestTimeout);
    if (before != null) {
      before.close();
    }
  }

  /** A client of the server that ran last. */
  public Api api() {
    return api;
  }

  /** Tells every client to stop. */
  public void end() {
    ended = true;
  }

  /** Whether clients are to stop. */
  public boolean hasEnded() {
    return ended;
  }

  /** Producers need not hurry any more once so many events are acked. */
  public void enough(long events) {
    enoughEvents = events;
  }

  boolean hasEnough() {
    return history.ackedCount() >= enoughEvents;
  }

  /** Every partition of every topic. */
  public List<Place> places() {
    List<Place> places = new ArrayList<>();
    partitionsByTopic.forEach(
        (topic, partitions) -> {
          for (int i = 0; i < partitions; i++) {
            places.add(new Place(topic, i));
          }
        });
    places.sort(null);
    return places;
  }

  /** The topics' names, in order. */
  public List<String> topics() {
    return partitionsByTopic.keySet().stream().sorted().toList();
  }

  int partitions(String topic) {
    return partitionsByTopic.get(topic);
  }

  String anyTopic(SplittableRandom random) {
    List<String> topics = topics();
    return topics.get(random.nextInt(topics.size()));
  }

  Place anyPlace(SplittableRandom random) {
    String topic = anyTopic(random);
    return new Place(topic, random.nextInt(partitions(topic)));
  }

  /** Waits a little, for a server that is gone or busy. */
  static void pause() {
    pause(PAUSE);
  }

  static void pause(Duration time) {
    LockSupport.parkNanos(time.toNanos());
  }
}
