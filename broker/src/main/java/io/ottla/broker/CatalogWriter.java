package io.ottla.broker;

import io.ottla.catalog.Catalog;
import io.ottla.catalog.CatalogSnapshot;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the SQL view of a cluster behind what happens, into the catalog of each running broker.
 * One thread of its own; it sleeps until something changed and writes at most once per interval,
 * and once a second in any case, so that a catalog which another program held locked catches up.
 */
final class CatalogWriter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CatalogWriter.class);
  private static final Duration IDLE = Duration.ofSeconds(1);

  private final Cluster cluster;
  private final Duration interval;
  private final Nudge nudge = new Nudge();
  private volatile boolean closed;

  CatalogWriter(Cluster cluster, Duration interval) {
    this.cluster = cluster;
    this.interval = interval;
  }

  void start() {
    Thread.ofPlatform().name("catalog-" + cluster.name()).daemon().start(this::run);
  }

  /** Something that the catalog shows has changed. Never blocks. */
  void nudge() {
    nudge.give();
  }

  private void run() {
    try {
      while (!closed) {
        nudge.await(IDLE);
        if (!closed && cluster.viewIsCurrent()) {
          projectOrComplain();
        }
        TimeUnit.NANOSECONDS.sleep(interval.toNanos());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A bug in the view must not end it: the next change is projected again. */
  private void projectOrComplain() {
    try {
      project(CatalogRows.of(cluster));
    } catch (RuntimeException e) {
      LOG.error("catalog rows not made: cluster={}", cluster.name(), e);
    }
  }

  private void project(CatalogSnapshot snapshot) {
    for (Broker broker : cluster.brokers()) {
      Optional<Catalog> catalog = broker.catalog();
      if (catalog.isEmpty()) {
        continue;
      }
      try {
        catalog.get().project(snapshot);
      } catch (IOException e) {
        LOG.warn("catalog not written: cluster={} broker={}", cluster.name(), broker.id(), e);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    nudge();
  }
}
