package io.ottla.client;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * What topics are like, as the server said within the last minutes. Thread-safe; two threads may
 * ask for the same at once.
 */
final class Topics {
  private static final long FRESH_NANOS = Duration.ofMinutes(5).toNanos();

  private static final Duration ATTEMPT = Duration.ofSeconds(10);

  private final Transport transport;
  private final String cluster;
  private final Backoff backoff;
  private final LongSupplier nanoClock;
  private final Map<String, Topic> known = new ConcurrentHashMap<>();

  Topics(Transport transport, String cluster, Backoff backoff, LongSupplier nanoClock) {
    this.transport = transport;
    this.cluster = cluster;
    this.backoff = backoff;
    this.nanoClock = nanoClock;
  }

  /** What the server said of a topic, and when. */
  record Topic(String cluster, int partitions, long atNanos) {}

  /** The topic; asks the server if it is not known or what is known may be outdated. */
  Topic find(String name, Duration within) {
    Topic last = known.get(name);
    if (last != null && nanoClock.getAsLong() - last.atNanos < FRESH_NANOS) {
      return last;
    }
    Request request = Request.get("topic", name).query("cluster", cluster);
    request.timeout(within.compareTo(ATTEMPT) < 0 ? within.plusMillis(1) : ATTEMPT);
    Map<String, Object> answer = backoff.send(transport, request, within).json();
    if (!(answer.get("partitions") instanceof List<?> partitions)
        || partitions.isEmpty()
        || !(answer.get("cluster") instanceof String home)) {
      throw OttlaException.noAnswer("bad_answer", "The answer does not describe a topic.", null);
    }
    Topic topic = new Topic(home, partitions.size(), nanoClock.getAsLong());
    known.put(name, topic);
    return topic;
  }

  /** Makes the next look at the topic ask the server. */
  void forget(String topic) {
    known.remove(topic);
  }
}
