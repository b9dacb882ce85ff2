package io.ottla.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.http.HttpPrologue;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1ConnectionListener;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Closes the connections of clients that neither send nor take in time: a request has to arrive
 * from its first line to the end of its body, which is answered with 408, and each piece of an
 * answer has to be taken. Helidon closes idle connections by itself, but waits for ever within a
 * request or an answer. Thread-safe; one thread of its own looks every second.
 */
final class SlowClients implements Http1ConnectionListener, AutoCloseable {
  private static final String TIMED_OUT_BODY =
      Problem.of(408, "request_timeout", "The request did not arrive in time.").toJson().toString();
  private static final byte[] TIMED_OUT =
      ("HTTP/1.1 408 Request Timeout\r\nContent-Type: application/problem+json\r\n"
              + "Connection: close\r\nContent-Length: "
              + TIMED_OUT_BODY.length()
              + "\r\n\r\n"
              + TIMED_OUT_BODY)
          .getBytes(StandardCharsets.US_ASCII);

  private final Limits limits;
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("slow-clients").factory());

  /** Requests that are arriving, by the thread that reads them. */
  private final ConcurrentHashMap<Thread, Client> arriving = new ConcurrentHashMap<>();

  /** Clients that have not taken a piece of their answer yet. */
  private final ConcurrentHashMap<Client, Long> taking = new ConcurrentHashMap<>();

  /** How long a request may arrive, and how long a piece of an answer may wait to be taken. */
  record Limits(Duration arrival, Duration piece) {}

  /** A client with a request under way. Compared by identity. */
  static final class Client {
    private final ConnectionContext connection;
    private final long sinceNanos;

    private Client(ConnectionContext connection, long sinceNanos) {
      this.connection = connection;
      this.sinceNanos = sinceNanos;
    }

    ConnectionContext connection() {
      return connection;
    }
  }

  SlowClients(Limits limits) {
    this.limits = limits;
    var _ = watch.scheduleWithFixedDelay(this::closeSlow, 1, 1, TimeUnit.SECONDS);
  }

  @Override
  public void prologue(ConnectionContext ctx, HttpPrologue prologue) {
    arriving.put(Thread.currentThread(), new Client(ctx, System.nanoTime()));
  }

  /** Who sends the current thread's request; null once it has arrived. */
  Client sender() {
    return arriving.get(Thread.currentThread());
  }

  /** The current thread's request is there. */
  void arrived() {
    arriving.remove(Thread.currentThread());
  }

  /** A piece of the answer is about to be written. */
  void writing(Client client) {
    taking.put(client, System.nanoTime());
  }

  /** It is taken. */
  void written(Client client) {
    taking.remove(client);
  }

  private void closeSlow() {
    long now = System.nanoTime();
    arriving.forEach(
        (thread, client) -> {
          if (now - client.sinceNanos > limits.arrival().toNanos()
              && arriving.remove(thread, client)) {
            answerTimeout(client);
          }
        });
    taking.forEach(
        (client, sinceNanos) -> {
          if (now - sinceNanos > limits.piece().toNanos() && taking.remove(client, sinceNanos)) {
            close(client);
          }
        });
  }

  private static void answerTimeout(Client client) {
    try {
      // Its own thread is reading, so nobody else writes.
      client.connection.dataWriter().writeNow(BufferData.create(TIMED_OUT));
    } catch (RuntimeException e) {
      // The other side was faster: it is closed.
    }
    close(client);
  }

  private static void close(Client client) {
    try {
      client.connection.serverSocket().close();
    } catch (RuntimeException e) {
      // The other side was faster: it is closed.
    }
  }

  @Override
  public void close() {
    watch.shutdownNow();
  }
}
