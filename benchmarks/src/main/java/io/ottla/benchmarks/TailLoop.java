package io.ottla.benchmarks;

import io.ottla.benchmarks.BenchTarget.Site;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Publishes at a fixed rate and reads all subscribers' streams, from one thread: a selector costs
 * the machine, which the server shares, the least.
 *
 * <p>The load is open: a request is due at its time, whatever became of the one before. Its events
 * carry that time, so that waiting for a connection counts as latency. One owner at a time.
 */
final class TailLoop {
  static final int EVENTS_PER_REQUEST = 5;

  private static final int CONNECTIONS = 64;
  private static final int READ_BUFFER_BYTES = 262_144;
  private static final int PADDING_CHARS = 80;

  /** A selector waits for whole milliseconds. */
  private static final long MIN_SELECT_NANOS = 1_000_000;

  /** Shorter waits are cut in pieces, after each of which the selector is asked. */
  private static final long SHORT_WAIT_NANOS = 100_000;

  private final Site site;
  private final BenchedTopic topic;
  private final int rate;
  private final int subscriberCount;
  private final Histogram latencyNanos = new Histogram(LoadResult.PATIENCE.toNanos() * 4, 3);
  private final List<Subscriber> subscribers = new ArrayList<>();
  private final ArrayDeque<LoadConnection> idle = new ArrayDeque<>();
  private final List<LoadConnection> connections = new ArrayList<>();
  private final byte[] streamBuffer = new byte[READ_BUFFER_BYTES];
  private final ByteBuffer answerBuffer = ByteBuffer.allocateDirect(READ_BUFFER_BYTES);
  private long fromNanos;
  private long untilNanos;
  private long nowNanos;
  private long sentEvents;
  private long otherAnswers;

  TailLoop(Site site, BenchedTopic topic, int rate, int subscriberCount) {
    this.site = site;
    this.topic = topic;
    this.rate = rate;
    this.subscriberCount = subscriberCount;
  }

  /**
   * What came of it.
   *
   * @param complaint what is wrong with the counts; empty if nothing
   */
  record Result(
      double sentPerSecond, double deliveredPerSecond, Histogram latencyNanos, String complaint) {
    double latencyMillis(double percentile) {
      return latencyNanos.getValueAtPercentile(percentile) / 1e6;
    }
  }

  /** Subscribes, publishes for warm-up and measured time, and waits for what is still due. */
  Result run(Duration warmUp, Duration measured) throws IOException {
    try (Selector selector = Selector.open()) {
      subscribe(selector);
      for (int i = 0; i < CONNECTIONS; i++) {
        connections.add(LoadConnection.open(site.address(), selector));
      }
      idle.addAll(connections);
      long startNanos = System.nanoTime();
      fromNanos = startNanos + warmUp.toNanos();
      untilNanos = fromNanos + measured.toNanos();
      publish(selector, startNanos);
      double seconds = (System.nanoTime() - startNanos) / 1e9;
      finish(selector);
      double deliveredPerSecond = latencyNanos.getTotalCount() / (measured.toNanos() / 1e9);
      return new Result(sentEvents / seconds, deliveredPerSecond, latencyNanos, complaint());
    } finally {
      for (Subscriber subscriber : subscribers) {
        subscriber.close();
      }
      for (LoadConnection connection : connections) {
        connection.close();
      }
    }
  }

  private void subscribe(Selector selector) throws IOException {
    String host = site.api().url().getAuthority();
    String path = "/events?topic=" + topic.name() + "&cluster=" + topic.cluster();
    for (int i = 0; i < subscriberCount; i++) {
      EventScanner scanner =
          EventScanner.withTimes(topic.name(), site.partitions(), this::delivered);
      subscribers.add(Subscriber.open(site.address(), selector, host, path, scanner));
    }
    long deadline = System.nanoTime() + LoadResult.PATIENCE.toNanos();
    while (!subscribers.stream().allMatch(Subscriber::hasBegun)) {
      await(selector, deadline, "not every stream has begun");
    }
  }

  private void publish(Selector selector, long startNanos) throws IOException {
    long requests = 0;
    double nanosPerRequest = 1e9 * EVENTS_PER_REQUEST / rate;
    long dueNanos = startNanos;
    while (dueNanos < untilNanos) {
      long waitNanos = dueNanos - System.nanoTime();
      if (waitNanos <= 0 && !idle.isEmpty()) {
        idle.poll().send(request(dueNanos));
        sentEvents += EVENTS_PER_REQUEST;
        dueNanos = startNanos + (long) (++requests * nanosPerRequest);
        continue;
      }
      if (-waitNanos > LoadResult.PATIENCE.toNanos()) {
        throw new IOException("no answer within " + LoadResult.PATIENCE);
      }
      if (!idle.isEmpty() && waitNanos < MIN_SELECT_NANOS) {
        LockSupport.parkNanos(Math.min(waitNanos, SHORT_WAIT_NANOS));
        turn(selector, 0);
      } else {
        turn(selector, Math.max(1, waitNanos / MIN_SELECT_NANOS));
      }
    }
  }

  private void finish(Selector selector) throws IOException {
    long deadline = System.nanoTime() + LoadResult.PATIENCE.toNanos();
    while (idle.size() < CONNECTIONS
        || (otherAnswers == 0 && subscribers.stream().anyMatch(s -> s.events() < sentEvents))) {
      if (System.nanoTime() > deadline) {
        return;
      }
      turn(selector, 10);
    }
  }

  private void await(Selector selector, long deadline, String complaint) throws IOException {
    if (System.nanoTime() > deadline) {
      throw new IOException(complaint + " within " + LoadResult.PATIENCE);
    }
    turn(selector, 10);
  }

  /** Handles what is there; waits at most so long for it. */
  private void turn(Selector selector, long waitMillis) throws IOException {
    if (waitMillis > 0) {
      selector.select(waitMillis);
    } else {
      selector.selectNow();
    }
    nowNanos = System.nanoTime();
    for (SelectionKey key : selector.selectedKeys()) {
      if (key.attachment() instanceof Subscriber subscriber) {
        subscriber.read(streamBuffer);
        continue;
      }
      LoadConnection connection = (LoadConnection) key.attachment();
      if (key.isWritable()) {
        connection.write();
      }
      if (key.isReadable() && connection.read(answerBuffer)) {
        otherAnswers += connection.status() == 201 ? 0 : 1;
        idle.add(connection);
      }
    }
    selector.selectedKeys().clear();
  }

  private void delivered(long sentNanos) {
    if (sentNanos >= fromNanos && sentNanos < untilNanos) {
      latencyNanos.recordValue(Math.max(0, nowNanos - sentNanos));
    }
  }

  /** Every value begins with the time that it was due. */
  private ByteBuffer request(long dueNanos) {
    StringBuilder body = new StringBuilder("{\"topic\":\"").append(topic.name());
    body.append("\",\"events\":[");
    for (int i = 0; i < EVENTS_PER_REQUEST; i++) {
      body.append(i == 0 ? "" : ",").append("{\"value\":\"").append(dueNanos).append('-');
      body.repeat('x', PADDING_CHARS).append("\"}");
    }
    body.append("]}");
    String head =
        "POST /events HTTP/1.1\r\nHost: "
            + site.api().url().getAuthority()
            + "\r\nContent-Type: application/json\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n";
    return ByteBuffer.wrap((head + body).getBytes(StandardCharsets.US_ASCII));
  }

  private String complaint() {
    if (otherAnswers > 0) {
      return otherAnswers + " answers other than 201";
    }
    long missing = subscribers.stream().mapToLong(s -> sentEvents - s.events()).sum();
    return missing == 0 ? "" : missing + " events were not delivered";
  }
}
