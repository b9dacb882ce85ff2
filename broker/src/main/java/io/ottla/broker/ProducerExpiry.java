package io.ottla.broker;

import io.ottla.broker.store.DataCommand;
import io.ottla.broker.store.PartitionStore;
import io.ottla.broker.time.GuardedClock;
import io.ottla.metadata.ClusterView;
import io.ottla.metadata.MetadataCommand;
import io.ottla.metadata.Producer;
import java.time.Duration;
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
 * that a retry that comes after all is refused and never doubled. While more than half of the
 * producers that there may be are registered, unused ones go after {@link #UNUSED}. One thread at a
 * time.
 *
 * <p>Nothing is decided while a data group has no leader: the producer may be in use there.
 */
final class ProducerExpiry {
  /** How long a producer may be idle. */
  static final Duration IDLE = Duration.ofDays(7);

  /** The same for one that has never sent anything, while there are many: its retry is none. */
  static final Duration UNUSED = Duration.ofHours(1);

  private static final Logger LOG = LoggerFactory.getLogger(ProducerExpiry.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final int MOST_AT_ONCE = 1_000;
  private static final int MOST_ROUNDS = 100;

  private final ServingCluster cluster;
  private final ClientMemory memory;
  private final GuardedClock clock;

  ProducerExpiry(ServingCluster cluster, ClientMemory memory, GuardedClock clock) {
    this.cluster = cluster;
    this.memory = memory;
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
      List<Long> idle = idle(lastUsedMs);
      for (int from = 0; from < idle.size(); from += MOST_AT_ONCE) {
        expire(idle.subList(from, Math.min(idle.size(), from + MOST_AT_ONCE)));
      }
      tellDataGroups();
    }
  }

  private List<Long> idle(Map<Long, Long> lastUsedMs) {
    long unusedMs = (memory.hasManyProducers() ? UNUSED : IDLE).toMillis();
    List<Long> idle = new ArrayList<>();
    for (Producer producer : cluster.view().producers()) {
      Long usedMs = lastUsedMs.get(producer.id());
      boolean isIdle =
          usedMs == null
              ? clock.ageMs(producer.createdAtMs()) > unusedMs
              : clock.ageMs(Math.max(usedMs, producer.createdAtMs())) > IDLE.toMillis();
      if (isIdle && idle.size() < MOST_AT_ONCE * MOST_ROUNDS) {
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
        group.accumulator().submitAndAwait(List.of(new DataCommand.ExpireProducers(gone)));
      }
    }
  }
}
