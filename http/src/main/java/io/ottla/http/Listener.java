package io.ottla.http;

import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Helidon's web server, and another one in its place if it ends by itself: an accept that fails,
 * for want of a descriptor say, ends Helidon's listener for good and without a word to anybody.
 * Thread-safe.
 *
 * <p>A thread of its own connects to the port every second. Only a refused connection says that
 * nobody listens: one that gets no answer, or for which there is no descriptor, says nothing.
 */
final class Listener implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int CONNECT_MILLIS = 500;

  private final String host;
  private final int port;
  private final IntFunction<WebServer> serverAtPort;
  private final Runnable onDeaf;
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("listener-watch").factory());

  /** Replaced by the watch only. */
  private volatile WebServer server;

  private volatile boolean closed;

  /** Since when nobody listens, 0 while somebody does; used by the watch only. */
  private long deafSinceNanos;

  private Listener(
      String host, WebServer first, IntFunction<WebServer> serverAtPort, Runnable onDeaf) {
    this.host = host;
    this.port = first.port();
    this.server = first;
    this.serverAtPort = serverAtPort;
    this.onDeaf = onDeaf;
  }

  /**
   * Listens from now on.
   *
   * @param port 0 = any that is free
   * @param serverAtPort makes a server that is not started
   * @param onDeaf called, once, if the port could not be listened on again for half a minute
   */
  static Listener start(
      String host, int port, IntFunction<WebServer> serverAtPort, Runnable onDeaf) {
    Listener listener = new Listener(host, serverAtPort.apply(port).start(), serverAtPort, onDeaf);
    long everyMillis = LOOK_EVERY.toMillis();
    var _ =
        listener.watch.scheduleWithFixedDelay(
            listener::look, everyMillis, everyMillis, TimeUnit.MILLISECONDS);
    return listener;
  }

  /** The port that it listens on. */
  int port() {
    return port;
  }

  private void look() {
    try {
      if (!isRefused()) {
        deafSinceNanos = 0;
      } else if (!closed) {
        listenAgain();
      }
    } catch (RuntimeException | Error e) {
      LOG.error("cannot listen yet: port={}", port, e);
    }
  }

  private boolean isRefused() {
    try (Socket probe = new Socket()) {
      probe.connect(new InetSocketAddress(host, port), CONNECT_MILLIS);
      return false;
    } catch (ConnectException e) {
      return true;
    } catch (IOException e) {
      LOG.debug("listener cannot be tried: port={}", port, e);
      return false;
    }
  }

  private void listenAgain() {
    long nowNanos = System.nanoTime();
    if (deafSinceNanos == 0) {
      LOG.error("the listener has ended by itself, listening again: port={}", port);
      deafSinceNanos = nowNanos;
    } else if (nowNanos - deafSinceNanos > PATIENCE.toNanos()) {
      LOG.error("the port cannot be listened on again: port={}", port);
      watch.shutdown();
      onDeaf.run();
      return;
    }
    WebServer next = serverAtPort.apply(port).start();
    if (next.isRunning()) {
      server = next;
      LOG.warn("listening again: port={}", port);
    }
  }

  /** Listens no more, and closes every connection. */
  @Override
  public void close() {
    closed = true;
    watch.shutdown();
    try {
      if (!watch.awaitTermination(LOOK_EVERY.toMillis() * 2, TimeUnit.MILLISECONDS)) {
        LOG.warn("listener watch still works: port={}", port);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    server.stop();
  }
}
