package io.ottla.broker.read;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.ottla.broker.store.PartitionRead;
import io.ottla.broker.store.PartitionReader;
import io.ottla.broker.store.PartitionReader.Range;
import io.ottla.log.CorruptBatchException;
import io.ottla.log.RecordBatch;
import io.ottla.log.RecordBatches;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * Reads records into answers. A batch near its partition's end is read from the file and decoded
 * once, and shared by all who tail it: what is committed never changes. One that was left in the
 * middle is kept for whoever goes on there. Others, further back, are read by few, and not kept.
 * Thread-safe.
 */
public final class BatchReader {
  /** A reader that is less records behind the end tails the partition. */
  private static final long TAIL_RECORDS = 4_096;

  private static final long SHARED_BYTES = 24L * 1024 * 1024;
  private static final long MOST_UNFINISHED = 1_000;
  private static final Duration UNFINISHED_KEPT = Duration.ofSeconds(30);

  private final AsyncCache<Place, DecodedBatch> shared =
      Caffeine.newBuilder()
          .maximumWeight(SHARED_BYTES)
          .<Place, DecodedBatch>weigher(
              (_, batch) -> (int) Math.min(Integer.MAX_VALUE, batch.memoryBytes()))
          .executor(Runnable::run)
          .buildAsync();

  /** Batches that were left in the middle, as long as memory is to spare. */
  private final Cache<Place, DecodedBatch> unfinished =
      Caffeine.newBuilder()
          .softValues()
          .maximumSize(MOST_UNFINISHED)
          .expireAfterWrite(UNFINISHED_KEPT)
          .executor(Runnable::run)
          .build();

  /** Where reading of a batch begins. */
  private record Place(UUID topicId, int partition, long offset) {
    Place at(long otherOffset) {
      return new Place(topicId, partition, otherOffset);
    }
  }

  /** Where a read stands. One owner. */
  private final class Reading {
    private final Place start;
    private final long endOffset;
    private final RecordCollector collector;
    private final List<RecordRun> runs = new ArrayList<>();
    private long nextOffset;

    private Reading(Place start, long endOffset, RecordCollector collector) {
      this.start = start;
      this.endOffset = endOffset;
      this.collector = collector;
      this.nextOffset = start.offset();
    }

    /** Takes what fits of the batch; one that is left in the middle is kept. */
    void take(DecodedBatch batch) {
      int from = batch.indexOf(nextOffset);
      int to = collector.take(batch, from);
      if (to > from) {
        runs.add(new RecordRun(batch, from, to));
      }
      if (to < batch.records().size()) {
        nextOffset = batch.records().get(to).offset();
        unfinished.put(start.at(nextOffset), batch);
      } else {
        nextOffset = Math.max(nextOffset, batch.nextOffset());
      }
    }

    /** Takes batches as long as the next one is shared already. */
    void takeShared() {
      Optional<DecodedBatch> batch = sharedAt(start.at(nextOffset));
      while (batch.isPresent() && batch.get().nextOffset() <= endOffset && !collector.isFull()) {
        take(batch.get());
        batch = sharedAt(start.at(nextOffset));
      }
    }

    /** The partition may have grown since its end was asked for. */
    RecordRead taken() {
      return new RecordRead.Taken(runs, nextOffset, Math.max(endOffset, nextOffset));
    }
  }

  /**
   * Reads from {@code offset} on, as much as the collector has room for, or less.
   *
   * @param from of the replica to read; a shared batch is only given if this replica has it, too
   * @throws CorruptBatchException if the batch is damaged
   * @throws IOException if the replica cannot answer now
   */
  public RecordRead read(
      PartitionReader from, UUID topicId, int partition, long offset, RecordCollector collector)
      throws IOException {
    Optional<Range> range = from.range(topicId, partition);
    if (range.isEmpty()) {
      return new RecordRead.NoSuchPartition();
    }
    long endOffset = range.get().endOffset();
    if (offset < range.get().startOffset() || offset > endOffset) {
      return new RecordRead.OutOfRange(range.get().startOffset(), endOffset);
    }
    Reading reading = new Reading(new Place(topicId, partition, offset), endOffset, collector);
    if (offset == endOffset) {
      return reading.taken();
    }
    DecodedBatch left = unfinished.asMap().remove(reading.start);
    if (left != null) {
      reading.take(left);
    } else {
      reading.takeShared();
    }
    if (reading.nextOffset > offset) {
      return reading.taken();
    }
    return endOffset - offset <= TAIL_RECORDS ? tail(from, reading) : readAlone(from, reading);
  }

  private Optional<DecodedBatch> sharedAt(Place place) {
    CompletableFuture<DecodedBatch> batch = shared.getIfPresent(place);
    return batch == null || !batch.isDone() || batch.isCompletedExceptionally()
        ? Optional.empty()
        : Optional.of(batch.join());
  }

  private void share(Place place, DecodedBatch batch) {
    shared.asMap().putIfAbsent(place, CompletableFuture.completedFuture(batch));
  }

  /** One reader reads what all who are at that place want; the others wait for it. */
  private RecordRead tail(PartitionReader from, Reading reading) throws IOException {
    CompletableFuture<DecodedBatch> mine = new CompletableFuture<>();
    CompletableFuture<DecodedBatch> others = shared.asMap().putIfAbsent(reading.start, mine);
    if (others != null) {
      // Whoever reads it may have another replica, or meet damage: then see for ourselves.
      others.exceptionally(_ -> null).join();
      reading.takeShared();
      return reading.runs.isEmpty() ? readAlone(from, reading) : reading.taken();
    }
    try {
      return readForAll(from, reading, mine);
    } finally {
      if (mine.completeExceptionally(new IOException("nothing to share"))) {
        shared.asMap().remove(reading.start, mine);
      }
    }
  }

  private RecordRead readForAll(
      PartitionReader from, Reading reading, CompletableFuture<DecodedBatch> awaited)
      throws IOException {
    return read(
        from,
        reading,
        batch -> {
          if (!awaited.complete(batch)) {
            share(reading.start.at(batch.baseOffset()), batch);
          }
        });
  }

  private RecordRead readAlone(PartitionReader from, Reading reading) throws IOException {
    return read(from, reading, _ -> {});
  }

  /** What becomes of a batch that was decoded. */
  @FunctionalInterface
  private interface Decoded {
    void batch(DecodedBatch batch);
  }

  private static RecordRead read(PartitionReader from, Reading reading, Decoded decoded)
      throws IOException {
    Place start = reading.start;
    return switch (from.read(
        start.topicId(), start.partition(), start.offset(), reading.collector.wantedBytes())) {
      case PartitionRead.Batches read -> {
        for (RecordBatch batch : RecordBatches.in(read.bytes())) {
          if (reading.collector.isFull()) {
            break;
          }
          DecodedBatch made = DecodedBatch.of(batch);
          decoded.batch(made);
          reading.take(made);
        }
        yield reading.taken();
      }
      case PartitionRead.OutOfRange range ->
          new RecordRead.OutOfRange(range.startOffset(), range.endOffset());
      case PartitionRead.NoSuchPartition() -> new RecordRead.NoSuchPartition();
    };
  }
}
