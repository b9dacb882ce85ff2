package io.ottla.http;

import io.helidon.http.DirectHandler.EventType;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http1.Http1Config;
import io.ottla.broker.UseCases;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * The listener: Helidon's web server with one handler, {@link Dispatcher}, which has the routes.
 * Thread-safe.
 */
public final class HttpServer {
  /** How long {@link #stop} waits for requests in flight. */
  private static final Duration STOP_GRACE = Duration.ofSeconds(10);

  private static final SlowClients.Limits PATIENCE =
      new SlowClients.Limits(
          Duration.ofSeconds(60), Duration.ofSeconds(30), Duration.ofMinutes(5), 64L << 20);
  private static final Duration IDLE_LIMIT = Duration.ofMinutes(5);
  private static final Duration IDLE_CHECK = Duration.ofSeconds(30);
  private static final int BACKLOG = 4096;

  private static final int MAX_CONNECTIONS = 20_000;

  /** What an idle connection keeps in the heap: its buffer, its thread's stack, what parses. */
  private static final int CONNECTION_BYTES = 16 * 1024;

  private static final int MAX_REQUEST_LINE_BYTES = 16 * 1024;
  private static final int MAX_HEADERS_BYTES = 32 * 1024;

  private final Listener listener;
  private final Dispatcher dispatcher;
  private final SlowClients slowClients;

  /**
   * Where to listen.
   *
   * @param host a name or address of the loopback: without TLS and authentication nothing else may
   *     reach the server
   * @param port 0 = any that is free
   * @param maxConnections how many are served at once; those beyond wait until others are closed
   * @param onDeaf called if the port cannot be listened on any more, whatever is tried
   */
  public record Config(String host, int port, int maxConnections, Runnable onDeaf) {
    /** With as many connections as a server takes whatever its process may have open. */
    public Config(String host, int port) {
      this(host, port, mostConnections(), () -> {});
    }

    /** The values' rules. */
    public Config {
      if (maxConnections < 1) {
        throw new IllegalArgumentException("maxConnections=" + maxConnections);
      }
      if (port < 0 || port > 65_535) {
        throw new IllegalArgumentException("port must be from 0 to 65535, not " + port);
      }
      if (!isLoopback(host)) {
        throw new IllegalArgumentException(
            "host must be a loopback address, not "
                + host
                + ": other addresses need TLS and authentication, which this server does not have");
      }
    }

    private static boolean isLoopback(String host) {
      try {
        return InetAddress.getByName(host).isLoopbackAddress();
      } catch (UnknownHostException e) {
        return false;
      }
    }
  }

  private HttpServer(Listener listener, Dispatcher dispatcher, SlowClients slowClients) {
    this.listener = listener;
    this.dispatcher = dispatcher;
    this.slowClients = slowClients;
  }

  /**
   * How many connections a process of this heap serves at once: a third of it may be filled by
   * those that are idle, however many descriptors there are.
   */
  public static int mostConnections() {
    return (int) Math.min(MAX_CONNECTIONS, Runtime.getRuntime().maxMemory() / 3 / CONNECTION_BYTES);
  }

  /**
   * Serves the use cases from now on. Fails with {@link java.io.UncheckedIOException} if the port
   * is taken.
   */
  public static HttpServer start(Config config, UseCases useCases) {
    return start(config, Routes.of(useCases));
  }

  static HttpServer start(Config config, RouteTable routes) {
    return start(config, routes, PATIENCE);
  }

  static HttpServer start(Config config, RouteTable routes, SlowClients.Limits patience) {
    return start(config, routes, new SlowClients(patience));
  }

  static HttpServer start(Config config, RouteTable routes, SlowClients slowClients) {
    Dispatcher dispatcher = new Dispatcher(routes, new HostCheck(config.host()), slowClients);
    try {
      Listener listener =
          Listener.start(
              config.host(),
              config.port(),
              port -> build(config, port, dispatcher, slowClients),
              config.onDeaf());
      return new HttpServer(listener, dispatcher, slowClients);
    } catch (RuntimeException e) {
      slowClients.close();
      throw e;
    }
  }

  private static WebServer build(
      Config config, int port, Dispatcher dispatcher, SlowClients slowClients) {
    return WebServer.builder()
        .host(config.host())
        .port(port)
        // The process's end is the server module's business.
        .shutdownHook(false)
        .featuresDiscoverServices(false)
        .protocolsDiscoverServices(false)
        .backlog(BACKLOG)
        .maxTcpConnections(config.maxConnections())
        // A connection would have a second buffer of 8 KiB, and be no faster.
        .useNio(false)
        .connectionOptions(options -> options.tcpNoDelay(true).socketKeepAlive(true))
        .idleConnectionTimeout(IDLE_LIMIT)
        .idleConnectionPeriod(IDLE_CHECK)
        // Bodies are bounded by who reads them, and can be answered and drained then.
        .maxPayloadSize(-1)
        .contentEncoding(new Encodings())
        // The answer is written by the thread that made it: a queue would only add a hop.
        .writeQueueLength(0)
        .shutdownGracePeriod(Duration.ofMillis(200))
        .addProtocol(
            Http1Config.builder()
                .maxPrologueLength(MAX_REQUEST_LINE_BYTES)
                .maxHeadersSize(MAX_HEADERS_BYTES)
                // HTTP/1.1 keeps alive without saying so.
                .sendKeepAliveHeader(false)
                .validateResponseHeaders(false)
                .addReceiveListener(slowClients)
                .build())
        .directHandlers(problems())
        .routing(routing -> routing.any(dispatcher))
        .build();
  }

  private static DirectHandlers problems() {
    DirectHandlers.Builder handlers = DirectHandlers.builder();
    HelidonProblems problems = new HelidonProblems();
    for (EventType event : EventType.values()) {
      handlers.addHandler(event, problems);
    }
    return handlers.build();
  }

  /** The port that it listens on. */
  public int port() {
    return listener.port();
  }

  /** How many requests are being answered, streams among them. */
  public int requestsUnderWay() {
    return dispatcher.inFlight();
  }

  /** What is held for bodies that arrive, beside what every connection may hold. */
  long bodiesBytes() {
    return dispatcher.bodiesBytes();
  }

  /**
   * Refuses new requests with 503, gives those in flight a bounded time, then closes every
   * connection. A request that came too late never reaches a use case, so that none is interrupted
   * by the closing.
   */
  public void stop() {
    dispatcher.refuseFromNowOn();
    long deadline = System.nanoTime() + STOP_GRACE.toNanos();
    while (dispatcher.inFlight() > 0 && System.nanoTime() < deadline) {
      LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
    }
    listener.close();
    slowClients.close();
  }
}
