package io.ottla.broker;

import io.ottla.broker.ClusterCheck.Damage;
import io.ottla.broker.ClusterCheck.PartitionCheck;
import io.ottla.broker.store.PartitionReader;
import io.ottla.broker.store.PartitionReader.Extent;
import io.ottla.log.DamagedRange;
import io.ottla.log.SegmentDigest;
import io.ottla.log.SegmentSummary;
import io.ottla.metadata.Topic;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the replicas of one partition, segment by segment. Used once, by one thread.
 *
 * <h2>What is compared</h2>
 *
 * The {@code .log} files of a segment are the same bytes on all replicas if they have the same
 * name: the base offset, and how often it was compacted. So a segment is compared if all replicas
 * have it under that name, and of it the bytes up to the size of the shortest one. A segment that
 * some have compacted or trimmed and others not yet is left out, and counts as not compared. Bytes
 * are compared by their SHA-256, as other replicas may be far away. Where there is only one replica
 * to look at, its segments are read all the same: damage is found.
 */
final class PartitionComparison {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionComparison.class);

  private final Topic topic;
  private final int partition;
  private final Map<Integer, PartitionReader> readers = new LinkedHashMap<>();
  private final Map<Integer, Extent> extents = new HashMap<>();
  private final Map<Integer, List<SegmentSummary>> layouts = new LinkedHashMap<>();
  private final TreeSet<Integer> missing = new TreeSet<>();
  private final TreeSet<Integer> differing = new TreeSet<>();
  private final List<Damage> damaged = new ArrayList<>();
  private long startOffset;
  private long endOffset;
  private long comparedOffsets;
  private long bytes;

  /**
   * A comparison of what is there now.
   *
   * @param readers of all replicas, by broker; empty where one cannot be asked
   */
  PartitionComparison(Topic topic, int partition, Map<Integer, Optional<PartitionReader>> readers) {
    this.topic = topic;
    this.partition = partition;
    this.endOffset = Long.MAX_VALUE;
    readers.forEach(this::add);
    endOffset = layouts.isEmpty() ? 0 : Math.max(startOffset, endOffset);
  }

  private void add(int broker, Optional<PartitionReader> reader) {
    Optional<Extent> extent = reader.flatMap(each -> each.extent(topic.id(), partition));
    List<SegmentSummary> segments =
        reader.map(each -> each.segments(topic.id(), partition)).orElse(List.of());
    if (extent.isEmpty() || segments.isEmpty()) {
      missing.add(broker);
      return;
    }
    readers.put(broker, reader.orElseThrow());
    extents.put(broker, extent.get());
    layouts.put(broker, segments);
    startOffset = Math.max(startOffset, extent.get().startOffset());
    endOffset = Math.min(endOffset, extent.get().endOffset());
  }

  /**
   * Compares segments from a base offset on, at least one if there is one.
   *
   * @param isOver asked behind each: whether there is no more time
   * @return the base offset of the next one; empty if all are done
   */
  Optional<Long> run(long fromBaseOffset, BooleanSupplier isOver) {
    boolean hasOne = false;
    for (Shared shared : shared()) {
      if (shared.upTo.baseOffset() < fromBaseOffset) {
        continue;
      }
      if (hasOne && isOver.getAsBoolean()) {
        return Optional.of(shared.upTo.baseOffset());
      }
      compare(shared);
      hasOne = true;
    }
    return Optional.empty();
  }

  /** What was found so far. */
  PartitionCheck result() {
    return new PartitionCheck(
        topic.name(),
        partition,
        new ArrayList<>(new TreeSet<>(layouts.keySet())),
        new ArrayList<>(missing),
        startOffset,
        endOffset,
        comparedOffsets,
        bytes,
        new ArrayList<>(differing),
        damaged);
  }

  /**
   * A segment that all replicas have.
   *
   * @param upTo the shortest one
   * @param nextOffset where it ends
   * @param sizesFit false if it is closed everywhere and has several sizes
   */
  private record Shared(SegmentSummary upTo, long nextOffset, boolean sizesFit) {}

  private List<Shared> shared() {
    Map<String, List<SegmentSummary>> byName = new TreeMap<>();
    Map<String, Long> nextOffsets = new HashMap<>();
    Map<String, Integer> closed = new HashMap<>();
    layouts.forEach(
        (broker, segments) -> {
          for (int i = 0; i < segments.size(); i++) {
            SegmentSummary segment = segments.get(i);
            String name = "%020d.%010d".formatted(segment.baseOffset(), segment.compactions());
            boolean isLast = i == segments.size() - 1;
            long next = isLast ? endOffset(broker) : segments.get(i + 1).baseOffset();
            byName.computeIfAbsent(name, _ -> new ArrayList<>()).add(segment);
            nextOffsets.merge(name, next, Math::min);
            closed.merge(name, isLast ? 0 : 1, Integer::sum);
          }
        });
    List<Shared> shared = new ArrayList<>();
    byName.forEach(
        (name, segments) -> {
          if (segments.size() == layouts.size()) {
            SegmentSummary shortest = shortest(segments);
            boolean isClosed = closed.get(name) == layouts.size();
            boolean isEven =
                segments.stream().allMatch(each -> each.sizeBytes() == shortest.sizeBytes());
            shared.add(new Shared(shortest, nextOffsets.get(name), isEven || !isClosed));
          }
        });
    return shared;
  }

  private long endOffset(int broker) {
    return extents.get(broker).endOffset();
  }

  private static SegmentSummary shortest(List<SegmentSummary> segments) {
    SegmentSummary shortest = segments.getFirst();
    for (SegmentSummary segment : segments) {
      shortest = segment.sizeBytes() < shortest.sizeBytes() ? segment : shortest;
    }
    return shortest;
  }

  private void compare(Shared shared) {
    Map<Integer, SegmentDigest> digests = new LinkedHashMap<>();
    for (int broker : layouts.keySet()) {
      try {
        Optional<SegmentDigest> digest =
            readers.get(broker).digest(topic.id(), partition, shared.upTo);
        if (digest.isEmpty()) {
          return; // trimmed or compacted meanwhile
        }
        digests.put(broker, digest.get());
      } catch (IOException e) {
        // It stops, or its disk fails: what the others hold is compared.
        LOG.info("not compared: topic={} broker={}", topic.name(), broker, e);
        missing.add(broker);
      }
    }
    if (digests.isEmpty()) {
      return;
    }
    digests.forEach(
        (broker, digest) -> digest.damage().forEach(range -> damaged.add(damage(broker, range))));
    long from = Math.max(startOffset, shared.upTo.baseOffset());
    comparedOffsets += Math.max(0, Math.min(endOffset, shared.nextOffset) - from);
    bytes += shared.upTo.sizeBytes();
    differing.addAll(shared.sizesFit ? odd(digests) : digests.keySet());
  }

  private Damage damage(int broker, DamagedRange range) {
    return new Damage(
        broker,
        extents.get(broker).directory().resolve(range.place().fileName()),
        range.place().positionBytes(),
        range.lengthBytes(),
        range.startOffset(),
        range.nextOffset());
  }

  /** Those whose bytes are not those of most; all if there is no such thing. */
  private static Collection<Integer> odd(Map<Integer, SegmentDigest> digests) {
    Map<String, List<Integer>> byDigest = new HashMap<>();
    digests.forEach(
        (broker, digest) ->
            byDigest.computeIfAbsent(digest.sha256(), _ -> new ArrayList<>()).add(broker));
    for (List<Integer> same : byDigest.values()) {
      if (2 * same.size() > digests.size()) {
        List<Integer> others = new ArrayList<>(digests.keySet());
        others.removeAll(same);
        return others;
      }
    }
    return digests.keySet();
  }
}
