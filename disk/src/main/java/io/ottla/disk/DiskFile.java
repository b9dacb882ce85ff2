package io.ottla.disk;

import java.io.IOException;
import java.nio.ByteBuffer;

/** An open file. Reads may run beside one writer; positions count bytes from 0. */
public interface DiskFile extends AutoCloseable {
  /**
   * Reads from {@code positionBytes} until {@code target} is full or the file ends.
   *
   * @return the number of bytes read, 0 at or behind the end
   */
  int read(ByteBuffer target, long positionBytes) throws IOException;

  /** Writes all of {@code source} at {@code positionBytes}. */
  void write(ByteBuffer source, long positionBytes) throws IOException;

  /** The size in bytes. */
  long sizeBytes() throws IOException;

  /** Cuts the file to {@code sizeBytes}, which must not exceed its size. */
  void truncate(long sizeBytes) throws IOException;

  /**
   * Makes all written bytes durable, and the size. After a failure the file must not be forced
   * again: what it holds is unknown.
   */
  void force() throws IOException;

  @Override
  void close() throws IOException;
}
