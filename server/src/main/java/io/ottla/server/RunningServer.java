package io.ottla.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server from its start to its end. One owner, the main thread; signals only open the latch that
 * it waits at.
 */
final class RunningServer {
  private static final Logger LOG = LoggerFactory.getLogger(RunningServer.class);
  private static final Duration STOP_WITHIN = Duration.ofSeconds(20);
  private static final Duration READY_COMPLAINT = Duration.ofSeconds(30);
  private static final Duration SPREAD_WITHIN = Duration.ofSeconds(1);
  private static final int DEAF = 1;
  private static final Duration READY_POLL = Duration.ofMillis(10);

  private final ServerConfig config;
  private final CountDownLatch stopRequested = new CountDownLatch(1);
  private volatile boolean deaf;

  RunningServer(ServerConfig config) {
    this.config = config;
  }

  /** Runs until a signal ends it; the exit code. */
  int run() {
    StopSignals.handle(this::requestStop);
    Wiring wiring;
    try {
      wiring = Wiring.open(config, this::stopDeaf);
    } catch (IOException | UncheckedIOException e) {
      System.err.println("ottla: cannot start: " + e.getMessage());
      return 1;
    }
    if (awaitReady(wiring)) {
      // In one write: whoever waits for the line must not find a log line within it.
      System.out.println(
          "Ottla is ready at http://%s:%d (data: %s)"
              .formatted(
                  urlHost(config.host()),
                  wiring.port(),
                  config.dataDirectories().stream()
                      .map(Object::toString)
                      .collect(Collectors.joining(", "))));
    }
    awaitStop();
    int code = stop(wiring);
    return deaf ? DEAF : code;
  }

  /** Nobody can reach it any more: it ends, so that whoever watches it starts it again. */
  private void stopDeaf() {
    deaf = true;
    LOG.error("ending: nobody can connect any more");
    stopRequested.countDown();
  }

  /** The first signal asks, the second one insists. */
  private void requestStop() {
    if (stopRequested.getCount() == 0) {
      Runtime.getRuntime().halt(1);
    }
    stopRequested.countDown();
  }

  private static String urlHost(String host) {
    return host.contains(":") ? "[" + host + "]" : host;
  }

  /** False if it is to stop before it was ready. */
  private boolean awaitReady(Wiring wiring) {
    long startedNanos = System.nanoTime();
    boolean complained = false;
    awaitSpreadLeaders(wiring);
    List<String> reasons = wiring.reasonsNotReady();
    while (!reasons.isEmpty() && stopRequested.getCount() > 0) {
      if (!complained && System.nanoTime() - startedNanos > READY_COMPLAINT.toNanos()) {
        LOG.warn("not ready: waitedFor={} reasons={}", READY_COMPLAINT, reasons);
        complained = true;
      }
      LockSupport.parkNanos(READY_POLL.toNanos());
      reasons = wiring.reasonsNotReady();
    }
    return reasons.isEmpty();
  }

  private static void awaitSpreadLeaders(Wiring wiring) {
    try {
      wiring.awaitSpreadLeaders(SPREAD_WITHIN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void awaitStop() {
    try {
      stopRequested.await();
    } catch (InterruptedException e) {
      LOG.warn("interrupted: stopping");
    }
  }

  private static int stop(Wiring wiring) {
    LOG.info("stopping: asked to");
    CountDownLatch stopped = new CountDownLatch(1);
    Thread.ofPlatform().daemon().name("stop-watchdog").start(() -> haltUnless(stopped));
    try {
      wiring.close();
      LOG.info("stopped: everything handed over and forced");
      return 0;
    } catch (IOException | RuntimeException e) {
      LOG.error("stopped, but not cleanly: the next start repairs it", e);
      return 1;
    } finally {
      stopped.countDown();
    }
  }

  private static void haltUnless(CountDownLatch stopped) {
    try {
      if (!stopped.await(STOP_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.error("not stopped in time: ending anyway, the next start repairs it");
        Runtime.getRuntime().halt(1);
      }
    } catch (InterruptedException e) {
      LOG.warn("watchdog interrupted");
    }
  }
}
