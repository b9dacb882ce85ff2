package io.ottla.broker.produce;

import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.log.Compression;
import io.ottla.log.RecordBatchBuilder;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * Record batch builders with their buffers, lent to whoever builds a batch. Thread-safe.
 *
 * <p>There are more virtual threads than builds at a time: a pool, not a builder per thread.
 */
final class BatchBuilders {
  private static final int KEPT_PER_COMPRESSION = 8;
  private static final int KEPT_UP_TO_BYTES = 1 << 20;

  private final Map<Compression, Queue<RecordBatchBuilder>> idle = new EnumMap<>(Compression.class);

  BatchBuilders() {
    for (Compression compression : Compression.values()) {
      idle.put(compression, new ArrayBlockingQueue<>(KEPT_PER_COMPRESSION));
    }
  }

  /** A builder without records; give it back. */
  RecordBatchBuilder borrow(Compression compression) {
    RecordBatchBuilder builder = idle.get(compression).poll();
    return builder == null ? new RecordBatchBuilder(compression) : builder;
  }

  /**
   * Takes a builder back.
   *
   * @param usedBytes how large it had to grow: very large buffers are not kept
   */
  void giveBack(RecordBatchBuilder builder, Compression compression, int usedBytes) {
    if (usedBytes <= KEPT_UP_TO_BYTES) {
      idle.get(compression).offer(builder);
    }
  }

  /** The finished batch of a share. */
  ByteBuffer build(Share share) {
    RecordBatchBuilder builder = borrow(share.compression());
    append(builder, share);
    int usedBytes = builder.uncompressedSizeBytes();
    ByteBuffer batch = builder.build();
    giveBack(builder, share.compression(), usedBytes);
    return batch;
  }

  /**
   * Adds a share's records to a batch.
   *
   * @return which record of the batch is the first one
   */
  static int append(RecordBatchBuilder builder, Share share) {
    int first = builder.recordCount();
    List<Event> events = share.events();
    for (int i = 0; i < events.size(); i++) {
      Event event = events.get(i);
      long timestampMs =
          event.timestampMs() == Event.NO_TIMESTAMP ? share.timestampMs() : event.timestampMs();
      builder.append(timestampMs, event.key(), event.value(), event.headers());
    }
    return first;
  }

  /** At most what a share's records take in a batch, before compression. */
  static long recordsBytes(List<Event> events) {
    long bytes = 0;
    for (int i = 0; i < events.size(); i++) {
      Event event = events.get(i);
      bytes += RecordBatchBuilder.recordSizeBytes(event.key(), event.value(), event.headers());
    }
    return bytes;
  }
}
