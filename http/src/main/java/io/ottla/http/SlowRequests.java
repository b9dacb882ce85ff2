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
 * Answers 408 and closes connections whose request does not arrive in time: from its first line to
 * the end of its body. Helidon closes idle connections by itself, but waits for ever within a
 * request. Thread-safe; one thread of its own looks every second.
 */
final class SlowRequests implements Http1ConnectionListener, AutoCloseable {
  private static final String TIMED_OUT_BODY =
      Problem.of(408, "request_timeout", "The request did not arrive in time.").toJson().toString();
  private static final byte[] TIMED_OUT =
      ("HTTP/1.1 408 Request Timeout\r\nContent-Type: application/problem+json\r\n"
              + "Connection: close\r\nContent-Length: "
              + TIMED_OUT_BODY.length()
              + "\r\n\r\n"
              + TIMED_OUT_BODY)
          .getBytes(StandardCharsets.US_ASCII);

  private final long limitNanos;
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("slow-requests").factory());

  /** Requests that are arriving, by the thread that reads them. */
  private final ConcurrentHashMap<Thread, Arriving> arriving = new ConcurrentHashMap<>();

  private record Arriving(ConnectionContext connection, long sinceNanos) {}

  SlowRequests(Duration limit) {
    limitNanos = limit.toNanos();
    var _ = watch.scheduleWithFixedDelay(this::closeSlow, 1, 1, TimeUnit.SECONDS);
  }

  @Override
  public void prologue(ConnectionContext ctx, HttpPrologue prologue) {
    arriving.put(Thread.currentThread(), new Arriving(ctx, System.nanoTime()));
  }

  /** The current thread's request is there. */
  void arrived() {
    arriving.remove(Thread.currentThread());
  }

  private void closeSlow() {
    long now = System.nanoTime();
    arriving.forEach(
        (thread, request) -> {
          if (now - request.sinceNanos() > limitNanos && arriving.remove(thread, request)) {
            close(request.connection());
          }
        });
  }

  private static void close(ConnectionContext connection) {
    try {
      // Its own thread is reading, so nobody else writes.
      connection.dataWriter().writeNow(BufferData.create(TIMED_OUT));
      connection.serverSocket().close();
    } catch (RuntimeException e) {
      // The other side was faster: it is closed.
    }
  }

  @Override
  public void close() {
    watch.shutdownNow();
  }
}
