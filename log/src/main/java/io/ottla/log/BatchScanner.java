package io.ottla.log;

import io.ottla.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Walks over the batches of a segment's file by their headers alone, jumping over the records. One
 * owner. What it gives is unproven: no checksum is verified.
 */
final class BatchScanner {
  private static final int CHUNK_BYTES = 64 * 1024;

  private final DiskFile file;
  private final Path path;
  private final long endBytes;
  private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES).limit(0);
  private long chunkPositionBytes;
  private long nextPositionBytes;
  private long positionBytes;
  private int header;
  private int sizeBytes;

  BatchScanner(DiskFile file, Path path, long startBytes, long endBytes) {
    this.file = file;
    this.path = path;
    this.endBytes = endBytes;
    this.nextPositionBytes = startBytes;
  }

  /**
   * Goes to the next batch.
   *
   * @return false at the end
   * @throws CorruptBatchException if there is something else than whole batches
   */
  boolean next() throws IOException {
    positionBytes = nextPositionBytes;
    if (positionBytes >= endBytes) {
      return false;
    }
    long inChunk = positionBytes - chunkPositionBytes;
    if (inChunk < 0 || inChunk + BatchFormat.HEADER_BYTES > chunk.limit()) {
      fill();
      inChunk = 0;
    }
    header = (int) inChunk;
    try {
      sizeBytes = BatchFormat.sizeBytesAt(chunk, header);
      if (sizeBytes == 0 || sizeBytes > endBytes - positionBytes) {
        throw new CorruptBatchException("the file ends inside a batch");
      }
    } catch (CorruptBatchException e) {
      throw e.at(path, positionBytes);
    }
    nextPositionBytes = positionBytes + sizeBytes;
    return true;
  }

  long positionBytes() {
    return positionBytes;
  }

  int sizeBytes() {
    return sizeBytes;
  }

  long baseOffset() {
    return chunk.getLong(header + BatchFormat.BASE_OFFSET);
  }

  long lastOffset() {
    return baseOffset() + chunk.getInt(header + BatchFormat.LAST_OFFSET_DELTA);
  }

  long maxTimestampMs() {
    return chunk.getLong(header + BatchFormat.MAX_TIMESTAMP);
  }

  /** Reads the whole batch and verifies its checksum. */
  RecordBatch readBatch() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(sizeBytes);
    file.read(bytes, positionBytes);
    try {
      RecordBatch batch = RecordBatch.wrap(bytes.flip());
      batch.verifyChecksum();
      return batch;
    } catch (CorruptBatchException e) {
      throw e.at(path, positionBytes);
    }
  }

  private void fill() throws IOException {
    chunk.clear();
    chunk.limit((int) Math.min(CHUNK_BYTES, endBytes - positionBytes));
    file.read(chunk, positionBytes);
    chunk.flip();
    chunkPositionBytes = positionBytes;
  }
}
