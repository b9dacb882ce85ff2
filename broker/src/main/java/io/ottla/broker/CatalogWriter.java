package io.ottla.broker;

import io.ottla.broker.loop.Loop;
import io.ottla.catalog.CatalogSnapshot;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Writes the SQL view of a cluster behind what happens, into the catalog of each running broker.
 * One thread of its own; it sleeps until something changed and writes at most once per interval,
 * and once a second in any case, so that a catalog which another program held locked catches up.
 */
final class CatalogWriter implements AutoCloseable {
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
    Loop.on(Thread.ofPlatform().daemon(), "catalog-" + cluster.name(), this::turn).start();
  }

  /** Something that the catalog shows has changed. Never blocks. */
  void nudge() {
    nudge.give();
  }

  private boolean turn() throws InterruptedException {
    nudge.await(IDLE);
    if (!closed && cluster.viewIsCurrent()) {
      CatalogSnapshot snapshot = CatalogRows.of(cluster);
      for (Broker broker : cluster.brokers()) {
        broker.catalog().ifPresent(catalog -> catalog.project(snapshot));
      }
    }
    TimeUnit.NANOSECONDS.sleep(interval.toNanos());
    return !closed;
  }

  @Override
  public void close() {
    closed = true;
    nudge();
  }
}
