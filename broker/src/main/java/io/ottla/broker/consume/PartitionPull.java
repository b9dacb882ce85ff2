package io.ottla.broker.consume;

import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.ServingCluster;
import io.ottla.broker.read.BatchReader;
import io.ottla.broker.read.RecordCollector;
import io.ottla.broker.read.RecordRead;
import io.ottla.broker.read.RecordRun;
import io.ottla.broker.store.PartitionReader;
import io.ottla.groups.TopicPartition;
import io.ottla.log.CorruptBatchException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a poll's partitions at their leaders, each from its position, until the answer is full. A
 * partition without a leader, or not there yet, is left for later. One owner at a time.
 */
final class PartitionPull {
  private final ServingCluster cluster;
  private final BatchReader batches;
  private final Map<TopicPartition, Long> startOffsets;
  private final Map<TopicPartition, Long> positions;
  private final RecordCollector collector;
  private final Map<TopicPartition, List<RecordRun>> runs = new LinkedHashMap<>();
  private final Map<TopicPartition, Gap> skipped = new LinkedHashMap<>();
  private Optional<Refusal> damage = Optional.empty();

  /** Which partition is read first depends on the positions alone: see {@link #turn}. */
  PartitionPull(
      ServingCluster cluster,
      BatchReader batches,
      Map<TopicPartition, Long> positions,
      FetchRequest.Limits limits) {
    this.cluster = cluster;
    this.batches = batches;
    this.collector = new RecordCollector(limits.maxEvents(), limits.maxBytes());
    List<TopicPartition> order = new ArrayList<>(positions.keySet());
    Collections.sort(order);
    Collections.rotate(order, turn(positions));
    this.positions = new LinkedHashMap<>();
    order.forEach(partition -> this.positions.put(partition, positions.get(partition)));
    this.startOffsets = Map.copyOf(positions);
  }

  /** Offsets {@code [fromOffset, toOffset)}, which were removed before they were read. */
  record Gap(long fromOffset, long toOffset) {}

  /**
   * Another turn for each answer, so that no partition starves, and the same one for the same
   * positions, so that a cursor gives the same events again. Mixed, as answers of one size could
   * find the same partition first every time.
   */
  private static int turn(Map<TopicPartition, Long> positions) {
    long sum = 0;
    for (long position : positions.values()) {
      sum += position;
    }
    return (int) ((sum * 0x9e3779b97f4a7c15L) >>> 33);
  }

  /** Looks through all partitions once; whether there is something to answer. */
  boolean look() {
    for (TopicPartition partition : positions.keySet()) {
      while (!collector.isFull() && readOn(partition)) {
        // as long as it has more
      }
    }
    return hasFound();
  }

  /** Whether the answer is full, so that there may be more. */
  boolean isFull() {
    return collector.isFull();
  }

  /** Whether there is something to answer. */
  boolean hasFound() {
    return !collector.isEmpty() || !skipped.isEmpty() || damage.isPresent();
  }

  /** Reads the partition's next batches; whether that gained anything. */
  private boolean readOn(TopicPartition partition) {
    Optional<PartitionReader> leader = ClusterTopics.leader(cluster, partition);
    if (leader.isEmpty()) {
      return false;
    }
    long position = positions.get(partition);
    try {
      return switch (batches.read(
          leader.get(), partition.topicId(), partition.partition(), position, collector)) {
        case RecordRead.Taken taken -> {
          if (!taken.runs().isEmpty()) {
            runs.computeIfAbsent(partition, _ -> new ArrayList<>()).addAll(taken.runs());
          }
          positions.put(partition, taken.nextOffset());
          yield taken.nextOffset() > position;
        }
        case RecordRead.OutOfRange range -> {
          if (position < range.startOffset()) {
            skipped.merge(
                partition,
                new Gap(position, range.startOffset()),
                (old, now) -> new Gap(old.fromOffset(), now.toOffset()));
            positions.put(partition, range.startOffset());
          }
          yield position < range.startOffset();
        }
        case RecordRead.NoSuchPartition() -> false;
      };
    } catch (CorruptBatchException e) {
      damage =
          Optional.of(Refusal.of(RefusalCode.DAMAGED_RECORD, "damaged record: " + e.getMessage()));
      return false;
    } catch (IOException e) {
      return false; // its broker stops: the next leader will answer
    }
  }

  /** Where each partition began. */
  Map<TopicPartition, Long> startOffsets() {
    return startOffsets;
  }

  /** Where each partition goes on. */
  Map<TopicPartition, Long> nextOffsets() {
    return positions;
  }

  Map<TopicPartition, List<RecordRun>> runs() {
    return runs;
  }

  Map<TopicPartition, Gap> skipped() {
    return skipped;
  }

  /** Damage, if that is all that was found. */
  Optional<Refusal> onlyDamage() {
    return collector.isEmpty() && skipped.isEmpty() ? damage : Optional.empty();
  }
}
