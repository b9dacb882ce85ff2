package io.ottla.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.http.HttpPrologue;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1ConnectionListener;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes the connections of clients that neither send nor take in time: a request has to arrive
 * from its first line to the end of its body, else it is answered with 408, unless its handler
 * reads the body itself as it arrives; and each piece of an answer has to be taken. If streams that
 * are not taken hold too much memory together, those that have stalled longest are closed before
 * their time. Helidon closes idle connections by itself, but waits for ever within a request or an
 * answer.
 *
 * <h2>Always true</h2>
 *
 * A request is answered by its own thread or given up here, never both: whoever changes its {@link
 * Fate} first. What was given up is not handled afterwards, so that the 408 may say that nothing
 * was appended, however long this process was paused between two lines.
 *
 * <h2>Threads</h2>
 *
 * Thread-safe; one thread of its own looks every second and never waits for a client. A 408 is
 * written by a virtual thread, which is timed like any other answer.
 */
final class SlowClients implements Http1ConnectionListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SlowClients.class);
  private static final Problem TIMED_OUT =
      Problem.of(408, "request_timeout", "The request did not arrive in time.");

  private static final long STALLED_NANOS = Duration.ofMillis(250).toNanos();
  private static final long PAUSE_NANOS = Duration.ofMillis(10).toNanos();
  private static final int MOST_PAUSES = 500;
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final Limits limits;
  private final LongSupplier nanoTime;
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("slow-clients").factory());

  /** Requests that are arriving, by the thread that reads them. */
  private final ConcurrentHashMap<Thread, Client> arriving = new ConcurrentHashMap<>();

  /** Clients that have not taken a piece of their answer yet. */
  private final ConcurrentHashMap<Client, Pending> taking = new ConcurrentHashMap<>();

  /** What those hold together. */
  private final AtomicLong heldBytes = new AtomicLong();

  private final AtomicLong lookedAtNanos;

  /** A piece that is being written, and what is held until the client has taken all. */
  private record Pending(long sinceNanos, long heldBytes) {}

  /**
   * How patient a server is.
   *
   * @param arrival how long a request may arrive
   * @param piece how long a piece of an answer may wait to be taken
   * @param silence how long nothing at all may arrive of a body that is streamed
   * @param heldBytes what may be held for all clients that do not take it
   */
  record Limits(Duration arrival, Duration piece, Duration silence, long heldBytes) {}

  /** Whose a request is. It changes once. */
  private enum Fate {
    /** Not all of it is there. */
    ARRIVING,
    /** Its own thread handles and answers it. */
    ARRIVED,
    /** It is answered with 408, and never handled. */
    GIVEN_UP
  }

  /** A client with a request under way. Compared by identity. */
  static final class Client {
    private final ConnectionContext connection;
    private final long sinceNanos;
    private final boolean produces;
    private final AtomicReference<Fate> fate = new AtomicReference<>(Fate.ARRIVING);

    /** Opened when all is said about a request that was given up. */
    private final CountDownLatch answered = new CountDownLatch(1);

    private Client(ConnectionContext connection, long sinceNanos, boolean produces) {
      this.connection = connection;
      this.sinceNanos = sinceNanos;
      this.produces = produces;
    }

    ConnectionContext connection() {
      return connection;
    }
  }

  SlowClients(Limits limits) {
    this(limits, System::nanoTime, LOOK);
  }

  /**
   * With a clock of the caller's.
   *
   * @param lookEvery how long the watch pauses between two looks
   */
  SlowClients(Limits limits, LongSupplier nanoTime, Duration lookEvery) {
    this.limits = limits;
    this.nanoTime = nanoTime;
    this.lookedAtNanos = new AtomicLong(nanoTime.getAsLong());
    var _ =
        watch.scheduleWithFixedDelay(
            this::look, lookEvery.toNanos(), lookEvery.toNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public void prologue(ConnectionContext ctx, HttpPrologue prologue) {
    boolean produces =
        ProducingPath.matches(prologue.method().text(), prologue.uriPath().rawPath());
    arriving.put(Thread.currentThread(), new Client(ctx, nanoTime.getAsLong(), produces));
  }

  /** How patient it is. */
  Limits limits() {
    return limits;
  }

  /** Who sends the current thread's request; null once it has arrived or was given up. */
  Client sender() {
    return arriving.get(Thread.currentThread());
  }

  /**
   * The current thread's request is there, or will not be: this thread wants to answer it.
   *
   * @return whether it may. If not, the request was given up: it must not be handled, and nothing
   *     may be written; the 408 is written by then, or its time is over
   */
  boolean arrived(Client client) {
    if (client.fate.compareAndSet(Fate.ARRIVING, Fate.ARRIVED)) {
      arriving.remove(Thread.currentThread(), client);
    }
    if (client.fate.get() == Fate.ARRIVED) {
      return true;
    }
    try {
      // This thread's end closes the connection.
      var _ = client.answered.await(limits.piece().toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  /** A piece of an answer is about to be written, of which so much is held. */
  void writing(Client client, long bytes) {
    replace(client, new Pending(nanoTime.getAsLong(), bytes));
  }

  /** All is taken, or never will be. */
  void written(Client client) {
    replace(client, null);
  }

  private void replace(Client client, Pending now) {
    Pending before = now == null ? taking.remove(client) : taking.put(client, now);
    long more = (now == null ? 0 : now.heldBytes()) - (before == null ? 0 : before.heldBytes());
    if (more != 0) {
      heldBytes.addAndGet(more);
    }
  }

  /** Waits, but not for ever, until less is held than may be; closes who has stalled longest. */
  void awaitRoom() {
    for (int i = 0; i < MOST_PAUSES && heldBytes.get() > limits.heldBytes(); i++) {
      long nowNanos = nanoTime.getAsLong();
      long lookedNanos = lookedAtNanos.get();
      // One look serves all who wait.
      if (nowNanos - lookedNanos >= PAUSE_NANOS
          && lookedAtNanos.compareAndSet(lookedNanos, nowNanos)) {
        closeLongestStalled(nowNanos);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private void closeLongestStalled(long nowNanos) {
    taking.entrySet().stream()
        .filter(entry -> nowNanos - entry.getValue().sinceNanos() > STALLED_NANOS)
        .min(Comparator.comparingLong(entry -> entry.getValue().sinceNanos() - nowNanos))
        .ifPresent(entry -> close(entry.getKey()));
  }

  /** A failed look must not be the last one. */
  private void look() {
    try {
      closeSlow();
    } catch (RuntimeException | Error e) {
      LOG.error("slow clients were not looked at", e);
    }
  }

  private void closeSlow() {
    long now = nanoTime.getAsLong();
    arriving.forEach(
        (thread, client) -> {
          if (now - client.sinceNanos > limits.arrival().toNanos()
              && client.fate.compareAndSet(Fate.ARRIVING, Fate.GIVEN_UP)) {
            Thread.ofVirtual().name("request-timeout").start(() -> giveUp(thread, client));
          }
        });
    taking.forEach(
        (client, pending) -> {
          if (now - pending.sinceNanos() > limits.piece().toNanos()) {
            close(client); // its own thread notes that nothing is held any more
          }
        });
  }

  /** Its own thread reads, or waits in {@link #arrived}: nobody else writes. */
  private void giveUp(Thread thread, Client client) {
    Problem problem = client.produces ? TIMED_OUT.withAppendedUnlessSaid(false) : TIMED_OUT;
    byte[] answer = answer(problem);
    writing(client, answer.length);
    try {
      client.connection.dataWriter().writeNow(BufferData.create(answer));
    } catch (RuntimeException e) {
      // The other side was faster: it is closed.
    } finally {
      written(client);
      close(client);
      client.answered.countDown();
      arriving.remove(thread, client);
    }
  }

  private static byte[] answer(Problem problem) {
    String body = problem.toJson().toString();
    return ("HTTP/1.1 408 Request Timeout\r\nContent-Type: application/problem+json\r\n"
            + "Connection: close\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n"
            + body)
        .getBytes(StandardCharsets.US_ASCII);
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
