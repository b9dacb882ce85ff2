package io.ottla.broker;

import io.ottla.broker.store.DataCommand;
import io.ottla.broker.store.PartitionStore;
import io.ottla.metadata.ClusterView;
import io.ottla.metadata.MetadataCommand;
import io.ottla.metadata.Producer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forgets producers that have sent nothing for {@link #IDLE}. It is decided once, in the metadata;
 * then every data group that remembers such a producer is told, and takes nothing more from it, so
 * that a retry that comes after all is refused and never doubled. One thread at a time.
 *
 * <p>Nothing is decided while a data group has no leader: the producer may be in use there.
 */
final class ProducerExpiry {
  /** How long a producer may be idle. */
  static final Duration IDLE = Duration.ofDays(7);

  private static final Logger LOG = LoggerFactory.getLogger(ProducerExpiry.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final int MOST_AT_ONCE = 1_000;

  private final ServingCluster cluster;
  private final InstantSource clock;

  ProducerExpiry(ServingCluster cluster, InstantSource clock) {
    this.cluster = cluster;
    this.clock = clock;
  }

  /** One look at all producers. */
  void sweep() {
    Map<Long, Long> lastUsedMs = new HashMap<>();
    boolean complete = cluster.viewIsCurrent();
    for (DataGroup group : cluster.dataGroups()) {
      Optional<PartitionStore> store = group.leaderStore();
      complete &= store.isPresent();
      store.ifPresent(
          found ->
              found
                  .producersLastUsedMs()
                  .forEach((id, usedMs) -> lastUsedMs.merge(id, usedMs, Math::max)));
    }
    if (complete) {
      expire(idle(lastUsedMs));
      tellDataGroups();
    }
  }

  private List<Long> idle(Map<Long, Long> lastUsedMs) {
    long latestMs = clock.millis() - IDLE.toMillis();
    List<Long> idle = new ArrayList<>();
    for (Producer producer : cluster.view().producers()) {
      long usedMs =
          Math.max(producer.createdAtMs(), lastUsedMs.getOrDefault(producer.id(), Long.MIN_VALUE));
      if (usedMs < latestMs && idle.size() < MOST_AT_ONCE) {
        idle.add(producer.id());
      }
    }
    return idle;
  }

  private void expire(List<Long> idle) {
    if (!idle.isEmpty()
        && cluster.submit(new MetadataCommand.ExpireProducers(idle), TIMEOUT)
            instanceof Answer.Ok) {
      LOG.info("producers expired: cluster={} producers={}", cluster.name(), idle.size());
    }
  }

  /** Has each data group forget the producers that the metadata does not know any more. */
  private void tellDataGroups() {
    ClusterView view = cluster.view();
    for (DataGroup group : cluster.dataGroups()) {
      List<Long> gone = new ArrayList<>();
      for (long id :
          group.leaderStore().map(PartitionStore::producersLastUsedMs).orElse(Map.of()).keySet()) {
        if (view.producer(id).isEmpty() && gone.size() < MOST_AT_ONCE) {
          gone.add(id);
        }
      }
      if (!gone.isEmpty()) {
        group.accumulator().submit(List.of(new DataCommand.ExpireProducers(gone))).join();
      }
    }
  }
}
