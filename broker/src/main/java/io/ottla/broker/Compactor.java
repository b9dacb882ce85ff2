package io.ottla.broker;

import io.ottla.broker.PartitionWaiters.PartitionId;
import io.ottla.broker.loop.RecurringTask;
import io.ottla.broker.produce.ControlOutcome;
import io.ottla.broker.store.DataCommand;
import io.ottla.broker.store.DataResult;
import io.ottla.broker.store.PartitionReplica;
import io.ottla.broker.store.PartitionStore;
import io.ottla.broker.time.GuardedClock;
import io.ottla.log.Compression;
import io.ottla.log.CorruptBatchException;
import io.ottla.metadata.Topic;
import io.ottla.replication.ReplicationGroup.Leadership;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds, on each data group's leader, the records of compacted partitions that later ones have
 * superseded, and has all replicas remove them. One platform thread of its own: it reads and hashes
 * for long, and would keep a carrier from the requests.
 *
 * <p>Only the leader decides, by the guarded clock; every replica rewrites the same segments
 * because the log says so. How far a partition is clean is remembered for one term of its leader;
 * the next leader begins with the log's start.
 *
 * <p>A partition in which the leader meets damage is left alone until another one leads.
 */
final class Compactor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Compactor.class);

  /** What the latest offsets of one partition's keys may take: about 786,000 keys a pass. */
  private static final int MEMORY_BYTES = 24 << 20;

  /** The clean offset of a partition that is left alone. */
  private static final long LEFT_ALONE = Long.MAX_VALUE;

  private final ServingCluster cluster;
  private final GuardedClock clock;
  private final RecurringTask task;
  private final Duration tombstoneRetention;
  private final Map<PartitionId, Clean> clean = new ConcurrentHashMap<>();

  /** Up to where a partition is clean, as the leader of that term found it. */
  private record Clean(long term, long offset) {}

  Compactor(
      ServingCluster cluster, GuardedClock clock, Duration interval, Duration tombstoneRetention) {
    this.cluster = cluster;
    this.clock = clock;
    this.task = new RecurringTask("compactor-" + cluster.name(), interval, this::sweep);
    this.tombstoneRetention = tombstoneRetention;
  }

  void start() {
    task.start(Thread.ofPlatform().daemon());
  }

  /** One pass over every compacted partition whose group has a leader. One thread at a time. */
  void sweep() {
    Set<PartitionId> seen = new HashSet<>();
    for (DataGroup group : cluster.dataGroups()) {
      Optional<Leadership> leadership = group.replication().leadership();
      Optional<PartitionStore> store = group.leaderStore();
      if (leadership.isEmpty() || store.isEmpty()) {
        continue;
      }
      for (PartitionReplica replica : store.get().partitions()) {
        if (replica.config().compacted() && !task.isClosed()) {
          seen.add(id(replica));
          compact(group, leadership.get().term(), store.get(), replica);
        }
      }
    }
    clean.keySet().retainAll(seen);
  }

  private void compact(DataGroup group, long term, PartitionStore store, PartitionReplica replica) {
    Optional<Topic> topic = cluster.view().topic(replica.topicId());
    if (topic.isEmpty()) {
      return;
    }
    Clean before = clean.get(id(replica));
    long cleanOffset = before == null || before.term() != term ? 0 : before.offset();
    var limits =
        new CompactionPass.Limits(clock::ageMs, tombstoneRetention.toMillis(), MEMORY_BYTES);
    var pass =
        new CompactionPass(
            replica,
            store.reader(),
            compressionOf(topic.get()),
            limits,
            command -> submit(group, term, command));
    try {
      long sizeBytes = replica.sizeBytes();
      long nowClean = pass.run(cleanOffset);
      clean.put(id(replica), new Clean(term, nowClean));
      if (nowClean != cleanOffset) {
        LOG.info(
            "compacted: topic={} partition={} cleanOffset={} bytesBefore={} bytes={}",
            replica.topicName(),
            replica.partition(),
            nowClean,
            sizeBytes,
            replica.sizeBytes());
      }
    } catch (CorruptBatchException | LinkageError e) {
      clean.put(id(replica), new Clean(term, LEFT_ALONE));
      LOG.warn(
          "not compacted: topic={} partition={} reason={}",
          replica.topicName(),
          replica.partition(),
          e.getMessage());
    } catch (IOException e) {
      // Its broker stops, the partition is dropped or trimmed: the next sweep looks again.
      LOG.debug("not compacted: topic={}", replica.topicName(), e);
    }
  }

  private boolean submit(DataGroup group, long term, DataCommand.Compact command) {
    boolean leads = group.replication().leadership().filter(now -> now.term() == term).isPresent();
    return leads
        && !task.isClosed()
        && group.accumulator().submitAndAwait(List.of(command))
            instanceof ControlOutcome.Applied(List<DataResult> results)
        && results.equals(List.of(new DataResult.Done()));
  }

  /** Group records are not compressed when they are appended, either. */
  private static Compression compressionOf(Topic topic) {
    return topic.internal()
        ? Compression.NONE
        : Compression.valueOf(topic.config().compression().toUpperCase(Locale.ROOT)).orNone();
  }

  private static PartitionId id(PartitionReplica replica) {
    return new PartitionId(replica.topicId(), replica.partition());
  }

  @Override
  public void close() {
    task.close();
  }
}
