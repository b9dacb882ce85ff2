package io.ottla.log;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Bytes that should be a record batch are not: damaged, cut short, or made by someone hostile. The
 * message says what is wrong and, for stored bytes, in which file and where. Nothing of the batch
 * may be served.
 */
public final class CorruptBatchException extends IOException {
  private static final long serialVersionUID = 1L;
  private static final long NOWHERE = -1;

  private final long positionBytes;

  public CorruptBatchException(String fact) {
    super(fact);
    this.positionBytes = NOWHERE;
  }

  public CorruptBatchException(String fact, Throwable cause) {
    this(fact, cause, NOWHERE);
  }

  private CorruptBatchException(String fact, Throwable cause, long positionBytes) {
    super(fact, cause);
    this.positionBytes = positionBytes;
  }

  /** The same fact, with the place where the bytes are stored. */
  CorruptBatchException at(Path file, long positionBytes) {
    return new CorruptBatchException(
        "damaged batch: file=%s positionBytes=%d: %s".formatted(file, positionBytes, getMessage()),
        this,
        positionBytes);
  }

  /** The same fact, with the offset that was asked for. */
  CorruptBatchException forOffset(long offset) {
    return new CorruptBatchException(
        "%s (offset=%d)".formatted(getMessage(), offset), this, positionBytes);
  }

  /** Whether it is known where in a segment's file the damage was met. */
  boolean hasPosition() {
    return positionBytes != NOWHERE;
  }

  /** Where in its file, if that is known. */
  long positionBytes() {
    return positionBytes;
  }
}
