package io.ottla.log;

import io.ottla.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * One look into a segment's file, below a size that was published. One owner, used once.
 *
 * <p>An index entry is followed only if the batch that it leads to is the one that it speaks of,
 * and every batch must begin where the one before it ended: the checksum does not cover the base
 * offset.
 *
 * @param file open as long as this is used
 * @param sizeBytes what of the file may be read
 * @param judge of the log
 */
record SegmentReader(DiskFile file, Path path, long baseOffset, long sizeBytes, BatchJudge judge) {
  /** Read beyond what was asked for, so that a batch that lies a little further on is in it. */
  private static final int READ_AHEAD_BYTES = 2 * LogConfig.DEFAULT_INDEX_INTERVAL_BYTES;

  /** See {@link Segment#read}. */
  ByteBuffer read(SegmentIndexes indexes, long offset, int maxBytes) throws IOException {
    int entry = indexes.offsets().floor(offset - baseOffset);
    long positionBytes = entry < 0 ? 0 : indexes.offsets().positionBytes(entry);
    long expectedOffset = baseOffset;
    boolean checkEntry = entry >= 0;
    while (positionBytes < sizeBytes) {
      ByteBuffer chunk = readAt(positionBytes, (long) maxBytes + READ_AHEAD_BYTES);
      if (checkEntry) {
        requireIndexed(indexes, entry, chunk, positionBytes);
        expectedOffset = chunk.getLong(BatchFormat.BASE_OFFSET);
        checkEntry = false;
      }
      int at = 0;
      while (at < chunk.limit()) {
        int batchBytes = batchBytesAt(chunk, at, positionBytes, expectedOffset);
        if (batchBytes == 0) {
          break;
        }
        if (lastOffset(chunk, at) >= offset) {
          return wholeBatches(
              new Found(chunk, at, positionBytes, batchBytes, expectedOffset), maxBytes);
        }
        expectedOffset = lastOffset(chunk, at) + 1;
        at += batchBytes;
      }
      if (at == 0) {
        throw new CorruptBatchException("the file ends inside a batch").at(path, positionBytes);
      }
      positionBytes += at;
    }
    throw new CorruptBatchException("no batch reaches the offset").at(path, sizeBytes);
  }

  /** See {@link Segment#offsetForTimestamp}. */
  OptionalLong offsetForTimestamp(SegmentIndexes indexes, long timestampMs, long fromOffset)
      throws IOException {
    BatchScanner scanner = new BatchScanner(file, path, startFor(indexes, timestampMs), sizeBytes);
    while (scanner.next()) {
      RecordBatch batch = scanner.readBatch();
      if (batch.maxTimestampMs() < timestampMs || batch.lastOffset() < fromOffset) {
        continue;
      }
      for (StoredRecord record : batch.records()) {
        if (record.timestampMs() >= timestampMs && record.offset() >= fromOffset) {
          return OptionalLong.of(record.offset());
        }
      }
    }
    return OptionalLong.empty();
  }

  /** A position in front of the first batch that reaches the time. */
  private long startFor(SegmentIndexes indexes, long timestampMs) throws IOException {
    int timeEntry = indexes.times().lastBefore(timestampMs);
    if (timeEntry < 0) {
      return 0;
    }
    long offset = baseOffset + indexes.times().relativeOffset(timeEntry);
    int entry = indexes.offsets().floor(offset - baseOffset);
    long positionBytes = entry < 0 ? 0 : indexes.offsets().positionBytes(entry);
    if (entry >= 0) {
      requireIndexed(
          indexes, entry, readAt(positionBytes, BatchFormat.HEADER_BYTES), positionBytes);
    }
    if (indexes.proven()) {
      return positionBytes;
    }
    BatchScanner scanner = new BatchScanner(file, path, positionBytes, sizeBytes);
    while (scanner.next()) {
      if (scanner.lastOffset() >= offset) {
        if (scanner.lastOffset() != offset
            || scanner.maxTimestampMs() != indexes.times().timestampMs(timeEntry)) {
          break;
        }
        return positionBytes;
      }
    }
    throw new Segment.WrongIndexException("time entry %d fits no batch".formatted(timeEntry));
  }

  /** The chunk must begin with the batch that the entry speaks of. */
  private void requireIndexed(
      SegmentIndexes indexes, int entry, ByteBuffer chunk, long positionBytes) throws IOException {
    long expected = baseOffset + indexes.offsets().relativeOffset(entry);
    boolean fits;
    try {
      fits = BatchFormat.sizeBytesAt(chunk, 0) > 0 && lastOffset(chunk, 0) == expected;
    } catch (CorruptBatchException e) {
      fits = false;
    }
    if (fits) {
      return;
    }
    String fact = "no batch that ends at offset " + expected;
    throw indexes.proven()
        ? new CorruptBatchException(fact).at(path, positionBytes)
        : new Segment.WrongIndexException(fact);
  }

  /**
   * The batch that holds the offset.
   *
   * @param chunk what was read from {@code chunkPositionBytes} on; it begins at {@code start}
   * @param sizeBytes of the batch, which may reach beyond the chunk
   */
  private record Found(
      ByteBuffer chunk, int start, long chunkPositionBytes, int sizeBytes, long baseOffset) {}

  private ByteBuffer wholeBatches(Found found, int maxBytes) throws IOException {
    ByteBuffer chunk = found.chunk;
    int start = found.start;
    long positionBytes = found.chunkPositionBytes + start;
    if (found.sizeBytes > chunk.limit() - start) {
      ByteBuffer batch = readAt(positionBytes, found.sizeBytes);
      verify(batch, found.baseOffset, positionBytes);
      return batch;
    }
    verify(chunk.slice(start, found.sizeBytes), found.baseOffset, positionBytes);
    int end = start + found.sizeBytes;
    long nextOffset = lastOffset(chunk, start) + 1;
    while (end < chunk.limit() && isNextWhole(chunk, start, end, nextOffset, maxBytes)) {
      nextOffset = lastOffset(chunk, end) + 1;
      end += BatchFormat.sizeBytesAt(chunk, end);
    }
    return chunk.slice(start, end - start);
  }

  /**
   * Whether an undamaged batch follows that may be given too; damage is said when it is asked for.
   */
  private boolean isNextWhole(ByteBuffer chunk, int start, int end, long nextOffset, int maxBytes) {
    try {
      int size = BatchFormat.sizeBytesAt(chunk, end);
      if (size == 0 || size > chunk.limit() - end || end - start + (long) size > maxBytes) {
        return false;
      }
      judge.verify(chunk.slice(end, size), nextOffset);
      return true;
    } catch (CorruptBatchException e) {
      return false;
    }
  }

  private void verify(ByteBuffer bytes, long expectedOffset, long positionBytes)
      throws CorruptBatchException {
    try {
      judge.verify(bytes, expectedOffset);
    } catch (CorruptBatchException e) {
      throw e.at(path, positionBytes);
    }
  }

  /** The size of the batch there; 0 if its header lies beyond the chunk. */
  private int batchBytesAt(ByteBuffer chunk, int at, long chunkPositionBytes, long expectedOffset)
      throws CorruptBatchException {
    try {
      int size = BatchFormat.sizeBytesAt(chunk, at);
      if (size > 0 && chunk.getLong(at + BatchFormat.BASE_OFFSET) != expectedOffset) {
        throw new CorruptBatchException(
            "offset %d is expected, not %d"
                .formatted(expectedOffset, chunk.getLong(at + BatchFormat.BASE_OFFSET)));
      }
      if (size > sizeBytes - chunkPositionBytes - at) {
        throw new CorruptBatchException("the file ends inside a batch");
      }
      return size;
    } catch (CorruptBatchException e) {
      throw e.at(path, chunkPositionBytes + at);
    }
  }

  private static long lastOffset(ByteBuffer chunk, int at) {
    return chunk.getLong(at + BatchFormat.BASE_OFFSET)
        + chunk.getInt(at + BatchFormat.LAST_OFFSET_DELTA);
  }

  private ByteBuffer readAt(long positionBytes, long wantedBytes) throws IOException {
    int count = (int) Math.min(wantedBytes, sizeBytes - positionBytes);
    ByteBuffer bytes = ByteBuffer.allocate(count);
    int read = file.read(bytes, positionBytes);
    if (read < count) {
      throw new CorruptBatchException("the file has only %d more bytes".formatted(read))
          .at(path, positionBytes);
    }
    return bytes.flip();
  }
}
