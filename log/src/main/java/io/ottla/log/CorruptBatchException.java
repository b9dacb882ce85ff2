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

  public CorruptBatchException(String fact) {
    super(fact);
  }

  public CorruptBatchException(String fact, Throwable cause) {
    super(fact, cause);
  }

  /** The same fact, with the place where the bytes are stored. */
  CorruptBatchException at(Path file, long positionBytes) {
    return new CorruptBatchException(
        "damaged batch: file=%s positionBytes=%d: %s".formatted(file, positionBytes, getMessage()),
        this);
  }

  /** The same fact, with the offset that was asked for. */
  CorruptBatchException forOffset(long offset) {
    return new CorruptBatchException("%s (offset=%d)".formatted(getMessage(), offset), this);
  }
}
