package io.ottla.broker.read;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.ottla.broker.store.PartitionRead;
import io.ottla.broker.store.PartitionReader;
import io.ottla.broker.store.PartitionReader.Range;
import io.ottla.log.RecordBatch;
import io.ottla.log.RecordBatches;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Reads and decodes batches. Those near a partition's end are read from its file and decoded once,
 * and shared by all who tail it: what is committed never changes. Those further back are read by
 * few, and not kept. Thread-safe.
 */
public final class BatchReader {
  /** A reader that is less records behind the end tails the partition. */
  private static final long TAIL_RECORDS = 4_096;

  private static final long SHARED_BYTES = 24L * 1024 * 1024;

  private final AsyncCache<Place, DecodedBatch> shared =
      Caffeine.newBuilder()
          .maximumWeight(SHARED_BYTES)
          .<Place, DecodedBatch>weigher(
              (_, batch) -> (int) Math.min(Integer.MAX_VALUE, batch.memoryBytes()))
          .executor(Runnable::run)
          .buildAsync();

  /** Where a batch begins. */
  private record Place(UUID topicId, int partition, long baseOffset) {}

  /**
   * Reads from {@code offset} on.
   *
   * @param from of the replica to read; a shared batch is only given if this replica has it, too
   * @param maxBytes a bound that only the first batch may exceed
   * @throws io.ottla.log.CorruptBatchException if the batch is damaged
   * @throws IOException if the replica cannot answer now
   */
  public BatchRead read(
      PartitionReader from, UUID topicId, int partition, long offset, int maxBytes)
      throws IOException {
    Optional<Range> range = from.range(topicId, partition);
    if (range.isEmpty()) {
      return new BatchRead.NoSuchPartition();
    }
    long endOffset = range.get().endOffset();
    boolean tails =
        offset >= range.get().startOffset()
            && offset < endOffset
            && endOffset - offset <= TAIL_RECORDS;
    return tails
        ? tail(from, new Place(topicId, partition, offset), endOffset, maxBytes)
        : readAlone(from, new Place(topicId, partition, offset), maxBytes);
  }

  /** One reader reads what all who are at that place want. */
  private BatchRead tail(PartitionReader from, Place place, long endOffset, int maxBytes)
      throws IOException {
    CompletableFuture<DecodedBatch> mine = new CompletableFuture<>();
    CompletableFuture<DecodedBatch> others = shared.asMap().putIfAbsent(place, mine);
    if (others == null) {
      return readForAll(from, place, maxBytes, mine);
    }
    try {
      DecodedBatch first = others.join();
      if (first.nextOffset() <= endOffset) {
        return new BatchRead.Batches(withNext(place, first, endOffset, maxBytes), endOffset);
      }
    } catch (CompletionException e) {
      // Whoever read it had another replica, or met damage: see for ourselves.
    }
    return readAlone(from, place, maxBytes);
  }

  /** Adds the batches that follow, as far as they are shared already. */
  private List<DecodedBatch> withNext(
      Place place, DecodedBatch first, long endOffset, int maxBytes) {
    List<DecodedBatch> batches = new ArrayList<>();
    DecodedBatch batch = first;
    long bytes = 0;
    while (batch != null && batch.nextOffset() <= endOffset) {
      batches.add(batch);
      bytes += batch.memoryBytes();
      CompletableFuture<DecodedBatch> next =
          bytes >= maxBytes
              ? null
              : shared.getIfPresent(
                  new Place(place.topicId(), place.partition(), batch.nextOffset()));
      batch =
          next == null || !next.isDone() || next.isCompletedExceptionally() ? null : next.join();
    }
    return batches;
  }

  private BatchRead readForAll(
      PartitionReader from, Place place, int maxBytes, CompletableFuture<DecodedBatch> awaited)
      throws IOException {
    try {
      BatchRead found = readAlone(from, place, maxBytes);
      if (found instanceof BatchRead.Batches(List<DecodedBatch> batches, long _)
          && !batches.isEmpty()) {
        share(place, batches);
        if (batches.getFirst().baseOffset() == place.baseOffset()) {
          awaited.complete(batches.getFirst());
        }
      }
      return found;
    } finally {
      // Without a batch that begins there: a read that failed, or one from within a batch.
      if (awaited.completeExceptionally(new IOException("nothing to share"))) {
        shared.asMap().remove(place, awaited);
      }
    }
  }

  private void share(Place place, List<DecodedBatch> batches) {
    for (DecodedBatch batch : batches) {
      if (batch.baseOffset() != place.baseOffset()) {
        shared
            .asMap()
            .putIfAbsent(
                new Place(place.topicId(), place.partition(), batch.baseOffset()),
                CompletableFuture.completedFuture(batch));
      }
    }
  }

  private static BatchRead readAlone(PartitionReader from, Place place, int maxBytes)
      throws IOException {
    return switch (from.read(place.topicId(), place.partition(), place.baseOffset(), maxBytes)) {
      case PartitionRead.Batches read -> {
        List<DecodedBatch> batches = new ArrayList<>();
        for (RecordBatch batch : RecordBatches.in(read.bytes())) {
          batches.add(DecodedBatch.of(batch));
        }
        yield new BatchRead.Batches(batches, read.endOffset());
      }
      case PartitionRead.OutOfRange range ->
          new BatchRead.OutOfRange(range.startOffset(), range.endOffset());
      case PartitionRead.NoSuchPartition() -> new BatchRead.NoSuchPartition();
    };
  }
}
