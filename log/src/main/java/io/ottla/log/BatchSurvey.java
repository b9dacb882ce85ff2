package io.ottla.log;

import io.ottla.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Goes over a segment's batches and verifies each of them. Where one is damaged, it finds where
 * whole ones begin again: where the damaged header says, if that is so, or else at the first bytes
 * that are a batch and lead on to another one. One owner.
 *
 * <p>Each step is one whole batch or one damaged stretch.
 */
final class BatchSurvey {
  private static final int CHUNK_BYTES = 256 * 1024;

  /** How many bytes of what looks like batches are verified in search of one. */
  private static final long MAX_SEARCHED_BYTES = 256L << 20;

  private final DiskFile file;
  private final Path path;
  private final Bounds bounds;
  private final BatchJudge judge;
  private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES).limit(0);
  private long chunkPositionBytes;
  private long positionBytes;
  private long offset;
  private long nextPositionBytes;
  private long nextOffset;
  private RecordBatch batch;
  private CorruptBatchException damage;

  /** What of a segment is looked at. Immutable. */
  record Bounds(SegmentSummary summary, long nextOffset) {
    long sizeBytes() {
      return summary.sizeBytes();
    }
  }

  /**
   * A survey that begins with the batch at a position.
   *
   * @param offset the base offset that it must have
   */
  BatchSurvey(
      DiskFile file, Path path, Bounds bounds, BatchJudge judge, long positionBytes, long offset) {
    this.file = file;
    this.path = path;
    this.bounds = bounds;
    this.judge = judge;
    this.nextPositionBytes = positionBytes;
    this.nextOffset = offset;
  }

  /** Goes to the next batch or damaged stretch; false at the end. */
  boolean next() throws IOException {
    positionBytes = nextPositionBytes;
    offset = nextOffset;
    if (positionBytes >= bounds.sizeBytes()) {
      return false;
    }
    try {
      batch = batchAt(positionBytes, offset);
      nextPositionBytes = positionBytes + batch.sizeBytes();
      nextOffset = batch.nextOffset();
    } catch (CorruptBatchException e) {
      batch = null;
      damage = e;
      search();
    }
    return true;
  }

  boolean isWhole() {
    return batch != null;
  }

  /** The whole batch; its bytes are good until the next step. */
  RecordBatch batch() {
    return batch;
  }

  long positionBytes() {
    return positionBytes;
  }

  /** Where the next step begins. */
  long nextPositionBytes() {
    return nextPositionBytes;
  }

  /** The first offset of this step. */
  long offset() {
    return offset;
  }

  /** The first offset of the next step. */
  long nextOffset() {
    return nextOffset;
  }

  /** The damaged stretch, if this step is one. */
  DamagedRange damage() {
    SegmentSummary summary = bounds.summary();
    return new DamagedRange(
        path,
        new BatchPlace(summary.baseOffset(), summary.compactions(), positionBytes),
        nextPositionBytes - positionBytes,
        offset,
        nextOffset,
        damage.getMessage());
  }

  private RecordBatch batchAt(long position, long baseOffset) throws IOException {
    int size = BatchFormat.sizeBytesAt(bytesAt(position, BatchFormat.HEADER_BYTES), 0);
    if (size == 0 || size > bounds.sizeBytes() - position) {
      throw new CorruptBatchException("the file ends inside a batch");
    }
    RecordBatch found = judge.verify(bytesAt(position, size), baseOffset);
    if (found.nextOffset() > bounds.nextOffset()) {
      throw new CorruptBatchException("a batch beyond offset " + bounds.nextOffset());
    }
    return found;
  }

  /** Finds where whole batches begin again. */
  private void search() throws IOException {
    long byHeader = positionBytes + sizeByHeader();
    if (byHeader > positionBytes
        && (byHeader == bounds.sizeBytes() || isBoundary(byHeader, false))) {
      return;
    }
    long searchedBytes = 0;
    ByteBuffer window = ByteBuffer.allocate(CHUNK_BYTES);
    long from = positionBytes + 1;
    while (bounds.sizeBytes() - from >= BatchFormat.HEADER_BYTES) {
      window.clear().limit((int) Math.min(CHUNK_BYTES, bounds.sizeBytes() - from));
      int count = file.read(window, from);
      if (count < BatchFormat.HEADER_BYTES) {
        break;
      }
      int last = count - BatchFormat.HEADER_BYTES;
      for (int at = 0; at <= last; at++) {
        if (window.get(at + BatchFormat.MAGIC) == BatchFormat.CURRENT_MAGIC
            && mayBegin(window.getLong(at + BatchFormat.BASE_OFFSET))
            && searchedBytes < MAX_SEARCHED_BYTES) {
          searchedBytes += possibleBytes(window, at);
          if (isBoundary(from + at, true)) {
            return;
          }
        }
      }
      from += last + 1;
    }
    nextPositionBytes = bounds.sizeBytes();
    nextOffset = bounds.nextOffset();
  }

  /** The size that a header gives its batch; 0 if that cannot be, and nothing is read for it. */
  private static int possibleBytes(ByteBuffer window, int at) {
    try {
      return BatchFormat.sizeBytesAt(window, at);
    } catch (CorruptBatchException e) {
      return 0;
    }
  }

  private boolean mayBegin(long baseOffset) {
    return baseOffset > offset && baseOffset < bounds.nextOffset();
  }

  /** What the header at hand says of its batch's size; 0 if that cannot be. */
  private int sizeByHeader() throws IOException {
    try {
      int size = BatchFormat.sizeBytesAt(bytesAt(positionBytes, BatchFormat.HEADER_BYTES), 0);
      boolean fits = size <= bounds.sizeBytes() - positionBytes;
      boolean isLast = fits && size == bounds.sizeBytes() - positionBytes;
      nextPositionBytes = positionBytes + size;
      nextOffset = isLast ? bounds.nextOffset() : offset;
      return fits ? size : 0;
    } catch (CorruptBatchException e) {
      return 0;
    }
  }

  /**
   * Whether a whole batch begins there, behind the damaged one; if so the next step does.
   *
   * @param leadsOn whether it must end where another one begins, or the segment ends
   */
  private boolean isBoundary(long position, boolean leadsOn) throws IOException {
    try {
      long baseOffset = bytesAt(position, BatchFormat.HEADER_BYTES).getLong(0);
      if (!mayBegin(baseOffset)) {
        return false;
      }
      RecordBatch found = batchAt(position, baseOffset);
      if (leadsOn && !leadsOn(position + found.sizeBytes(), found.nextOffset())) {
        return false;
      }
      nextPositionBytes = position;
      nextOffset = baseOffset;
      return true;
    } catch (CorruptBatchException e) {
      return false;
    }
  }

  private boolean leadsOn(long position, long expectedOffset) throws IOException {
    return position == bounds.sizeBytes()
        ? expectedOffset == bounds.nextOffset()
        : bytesAt(position, BatchFormat.HEADER_BYTES).getLong(0) == expectedOffset;
  }

  /** A view on so many bytes, good until the next call. */
  private ByteBuffer bytesAt(long position, int count) throws IOException {
    long inChunk = position - chunkPositionBytes;
    if (inChunk >= 0 && inChunk + count <= chunk.limit()) {
      return chunk.slice((int) inChunk, count);
    }
    if (count > CHUNK_BYTES) {
      return read(ByteBuffer.allocate(count), position).slice();
    }
    int available = (int) Math.min(CHUNK_BYTES, bounds.sizeBytes() - position);
    if (count > available) {
      throw new CorruptBatchException("the file ends inside a batch");
    }
    chunk.clear().limit(available);
    chunkPositionBytes = position;
    try {
      return read(chunk, position).slice(0, count);
    } catch (IOException e) {
      chunk.limit(0);
      throw e;
    }
  }

  private ByteBuffer read(ByteBuffer target, long position) throws IOException {
    int count = file.read(target, position);
    if (count < target.limit()) {
      throw new CorruptBatchException("the file has only %d more bytes".formatted(count));
    }
    return target.flip();
  }
}
