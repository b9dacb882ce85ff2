package io.ottla.broker;

import io.ottla.broker.store.DataCommand.ShortenProducers;
import io.ottla.broker.store.ProducerMemory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has data groups forget older sequences while memory for them is short: first those of producers
 * that were idle for {@link #IDLE}, then, from {@link ProducerMemory#isFull} on, everybody's, half
 * as many each time. One thread at a time.
 *
 * <p>It is an entry, so all replicas forget the same; there is none while its leader has nothing to
 * forget. A retry of a forgotten sequence is refused and never doubled.
 */
final class ProducerShortening {
  /** For how long a producer must have sent nothing to a partition to be shortened first. */
  static final Duration IDLE = Duration.ofMinutes(10);

  /** The last sequences that always stay. */
  static final int LEAST_KEPT = 16;

  private static final Logger LOG = LoggerFactory.getLogger(ProducerShortening.class);
  private static final int ALL_KEPT = 1024;

  private final ServingCluster cluster;
  private final ProducerMemory memory;
  private final InstantSource clock;
  private int keep = ALL_KEPT;

  ProducerShortening(ServingCluster cluster, ProducerMemory memory, InstantSource clock) {
    this.cluster = cluster;
    this.memory = memory;
    this.clock = clock;
  }

  /** One look at the memory. */
  void sweep() {
    if (!memory.isTight()) {
      keep = ALL_KEPT;
      return;
    }
    submit(new ShortenProducers(clock.millis() - IDLE.toMillis(), LEAST_KEPT));
    if (memory.isFull()) {
      keep = Math.max(LEAST_KEPT, keep / 2);
      if (submit(new ShortenProducers(Long.MAX_VALUE, keep))) {
        LOG.warn(
            "memory for producers was short: cluster={} heldBytes={} sequencesKept={}",
            cluster.name(),
            memory.heldBytes(),
            keep);
      }
    }
  }

  /** To the groups whose leader would forget something by it; returns whether there was one. */
  private boolean submit(ShortenProducers command) {
    boolean any = false;
    for (DataGroup group : cluster.dataGroups()) {
      if (group.leaderStore().filter(store -> store.wouldForget(command)).isPresent()) {
        group.accumulator().submitAndAwait(List.of(command));
        any = true;
      }
    }
    return any;
  }
}
