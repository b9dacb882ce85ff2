package io.ottla.http.upload;

import io.ottla.http.RequestMemory;

/** What one upload has taken of the memory for bodies. Thread-safe. */
final class UploadMemory implements AutoCloseable {
  private final RequestMemory shared;
  private long takenBytes;
  private boolean closed;

  UploadMemory(RequestMemory shared) {
    this.shared = shared;
  }

  /** Takes so much; false if there is not so much left. */
  synchronized boolean tryTake(long bytes) {
    if (closed) {
      return true; // nobody will use it
    }
    boolean taken = shared.tryTake(bytes);
    takenBytes += taken ? bytes : 0;
    return taken;
  }

  /** Gives back a part of what was taken. */
  synchronized void give(long bytes) {
    if (!closed) {
      takenBytes -= bytes;
      shared.give(bytes);
    }
  }

  /** Gives back all of it. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      shared.give(takenBytes);
    }
  }
}
