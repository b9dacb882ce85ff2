package io.ottla.broker.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.broker.PartitionWaiters.PartitionId;
import io.ottla.log.RecordBatch;
import io.ottla.log.RecordBatches;
import io.ottla.log.StoredRecord;
import io.ottla.replication.Entry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What a store should hold after some entries: plain lists. */
final class StoreModel {
  private final Set<Long> expired = new HashSet<>();
  private final Map<PartitionId, Contents> partitions = new HashMap<>();

  private final class Contents {
    private final String topicName;
    private PartitionConfig config;
    private long startOffset;

    /** By offset; null where compaction removed the record. */
    private final List<String> values = new ArrayList<>();

    private final Map<Sequence, SequenceProgress> sequences = new HashMap<>();

    /** By producer: the highest sequence that is forgotten. */
    private final Map<Long, Long> floors = new HashMap<>();

    private record Sequence(long producerId, long number) {
      static Sequence of(ProducerClaim claim) {
        return new Sequence(claim.producer().producerId(), claim.sequence());
      }
    }

    /** Few enough sequences that none is forgotten but by a command. */
    private DataResult refusal(ProducerClaim claim) {
      if (expired.contains(claim.producer().producerId())) {
        return new DataResult.ProducerExpired();
      }
      SequenceProgress progress = sequences.get(Sequence.of(claim));
      long floor = floors.getOrDefault(claim.producer().producerId(), -1L);
      if (progress == null && claim.sequence() <= floor) {
        return new DataResult.SequenceTooOld();
      }
      if (progress == null) {
        return claim.before().line() < 0 ? null : new DataResult.SequenceTooOld();
      }
      return progress.mark().equals(claim.before()) ? null : new DataResult.Sequence(progress);
    }

    private void remember(ProducerClaim claim, long baseOffset, int count) {
      SequenceProgress before = sequences.get(Sequence.of(claim));
      boolean first = before == null;
      sequences.put(
          Sequence.of(claim),
          new SequenceProgress(
              claim.after(),
              first ? baseOffset : before.firstOffset(),
              baseOffset + count - 1,
              (first ? 0 : before.count()) + count,
              first ? claim.timestampMs() : before.timestampMs()));
    }

    private void shorten(int keep) {
      Map<Long, TreeSet<Long>> numbers = new HashMap<>();
      sequences
          .keySet()
          .forEach(
              s -> numbers.computeIfAbsent(s.producerId(), _ -> new TreeSet<>()).add(s.number()));
      numbers.forEach(
          (producerId, all) -> {
            while (all.size() > keep) {
              long lowest = all.pollFirst();
              sequences.remove(new Sequence(producerId, lowest));
              floors.put(producerId, lowest);
            }
          });
    }

    Contents(String topicName, PartitionConfig config) {
      this.topicName = topicName;
      this.config = config;
    }
  }

  /** What is remembered of some sequence of the partition. */
  Optional<SequenceProgress> progress(PartitionId id, long producerId, long sequence) {
    Contents contents = partitions.get(id);
    return contents == null
        ? Optional.empty()
        : Optional.ofNullable(contents.sequences.get(new Contents.Sequence(producerId, sequence)));
  }

  private DataResult expire(DataCommand.ExpireProducers expire) {
    expired.addAll(expire.producerIds());
    for (Contents contents : partitions.values()) {
      contents.sequences.keySet().removeIf(s -> expired.contains(s.producerId()));
      contents.floors.keySet().removeAll(expired);
    }
    return new DataResult.Done();
  }

  private DataResult shorten(DataCommand.ShortenProducers shorten) {
    assertThat(shorten.usedBeforeMs()).as("everybody's").isEqualTo(Long.MAX_VALUE);
    partitions.values().forEach(contents -> contents.shorten(shorten.keep()));
    return new DataResult.Done();
  }

  long endOffset(PartitionId id) {
    return partitions.containsKey(id) ? partitions.get(id).values.size() : 0;
  }

  /**
   * Applies the entry and says what the store should answer.
   *
   * @param answered by a replica: the model does not know which segments there are, so it believes
   *     whether a compaction was possible
   */
  List<DataResult> apply(Entry entry, List<DataResult> answered) throws IOException {
    List<DataResult> results = new ArrayList<>();
    for (DataCommand command : DataEntry.decode(entry.payload())) {
      results.add(
          switch (command) {
            case DataCommand.Compact compact -> compact(compact, answered.get(results.size()));
            case DataCommand.ExpireProducers expire -> expire(expire);
            case DataCommand.ShortenProducers shorten -> shorten(shorten);
            case DataCommand.OfPartition ofPartition -> apply(ofPartition);
          });
    }
    return results;
  }

  private DataResult compact(DataCommand.Compact compact, DataResult answered) {
    Contents contents = partitions.get(new PartitionId(compact.topicId(), compact.partition()));
    if (contents == null) {
      return new DataResult.NoSuchPartition();
    }
    if (!contents.config.compacted() || !answered.equals(new DataResult.Done())) {
      return new DataResult.NotCompacted();
    }
    long end = compact.compaction().nextOffset();
    for (long offset = compact.compaction().firstBaseOffset(); offset < end; offset++) {
      if (!keeps(offset)) {
        contents.values.set((int) offset, null);
      }
    }
    return answered;
  }

  /** What the compactions of these tests keep. */
  static boolean keeps(long offset) {
    return offset % 3 != 1;
  }

  private DataResult apply(DataCommand.OfPartition command) throws IOException {
    PartitionId id = new PartitionId(command.topicId(), command.partition());
    Contents contents = partitions.get(id);
    switch (command) {
      case DataCommand.CreatePartition create ->
          partitions.putIfAbsent(id, new Contents(create.topicName(), create.config()));
      case DataCommand.DropPartition drop -> partitions.remove(id);
      case DataCommand.Append append -> {
        if (contents != null) {
          long baseOffset = contents.values.size();
          DataResult refusal = append.claim().map(contents::refusal).orElse(null);
          if (refusal != null) {
            return refusal;
          }
          int count = RecordBatch.wrap(append.batch()).recordCount();
          append.claim().ifPresent(claim -> contents.remember(claim, baseOffset, count));
          for (StoredRecord record : RecordBatch.wrap(append.batch()).records()) {
            contents.values.add(text(record));
          }
          return new DataResult.Appended(baseOffset);
        }
      }
      case DataCommand.AlterPartition alter -> {
        if (contents != null) {
          contents.config = alter.config();
        }
      }
      case DataCommand.TrimFront trim -> {
        if (contents != null) {
          long front = Math.min(trim.newStartOffset(), contents.values.size());
          contents.startOffset = Math.max(contents.startOffset, front);
        }
      }
      case DataCommand.Compact compact -> throw new AssertionError("see compact");
    }
    boolean needsIt =
        !(command instanceof DataCommand.CreatePartition
            || command instanceof DataCommand.DropPartition);
    return contents == null && needsIt ? new DataResult.NoSuchPartition() : new DataResult.Done();
  }

  /** Reads everything through the store's reader. */
  void check(PartitionStore store, String hint) throws IOException {
    Set<PartitionId> there = new HashSet<>();
    for (PartitionReplica replica : store.partitions()) {
      PartitionId id = new PartitionId(replica.topicId(), replica.partition());
      there.add(id);
      Contents contents = partitions.get(id);
      assertThat(contents).as(hint).isNotNull();
      assertThat(replica.topicName()).as(hint).isEqualTo(contents.topicName);
      assertThat(replica.config()).as(hint).isEqualTo(contents.config);
      assertThat(replica.startOffset()).as(hint).isEqualTo(contents.startOffset);
      assertThat(replica.endOffset()).as(hint).isEqualTo(contents.values.size());
      int start = (int) contents.startOffset;
      assertThat(readAll(store.reader(), id, start))
          .as(hint)
          .isEqualTo(
              contents.values.subList(start, contents.values.size()).stream()
                  .filter(Objects::nonNull)
                  .toList());
    }
    assertThat(there).as(hint).isEqualTo(partitions.keySet());
  }

  private static List<String> readAll(PartitionReader reader, PartitionId id, long startOffset)
      throws IOException {
    List<String> values = new ArrayList<>();
    long offset = startOffset;
    while (true) {
      PartitionRead read = reader.read(id.topicId(), id.partition(), offset, 500);
      PartitionRead.Batches batches = (PartitionRead.Batches) read;
      if (!batches.bytes().hasRemaining()) {
        return values;
      }
      for (RecordBatch batch : RecordBatches.in(batches.bytes())) {
        for (StoredRecord record : batch.records()) {
          if (record.offset() >= offset) {
            values.add(text(record));
          }
        }
        offset = batch.nextOffset();
      }
    }
  }

  private static String text(StoredRecord record) {
    return StandardCharsets.UTF_8.decode(record.value().duplicate()).toString();
  }
}
