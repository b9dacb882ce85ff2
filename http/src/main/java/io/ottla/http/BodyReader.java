package io.ottla.http;

import java.util.Arrays;

/**
 * Reads a body whole, bounded by itself and together with all others. Memory is taken as bytes
 * arrive, never because a header promises them. One owner at a time; {@link #close} gives it back.
 */
final class BodyReader implements AutoCloseable {
  /** The largest body that is read whole, decoded. */
  static final int MAX_BODY_BYTES = 16 * 1024 * 1024;

  private static final int FIRST_BYTES = 4 * 1024;

  /** Bodies up to this size are not counted: there are only as many as there are connections. */
  private static final int FREE_BYTES = 64 * 1024;

  private static final byte[] EMPTY = new byte[0];

  private final RequestMemory memory;
  private byte[] bytes = EMPTY;
  private int lengthBytes;
  private long chargedBytes;

  BodyReader(RequestMemory memory) {
    this.memory = memory;
  }

  /** The array whose first {@link #lengthBytes} are the body. */
  byte[] bytes() {
    return bytes;
  }

  int lengthBytes() {
    return lengthBytes;
  }

  /** Reads all of it. */
  void read(ArrivingBody body) throws ProblemException {
    long promisedBytes = body.promisedBytes();
    if (promisedBytes > MAX_BODY_BYTES) {
      throw tooLarge();
    }
    bytes = new byte[promisedBytes < 0 ? FIRST_BYTES : (int) Math.min(promisedBytes, FREE_BYTES)];
    int read = 0;
    byte[] oneMore = new byte[1];
    while (read >= 0) {
      if (lengthBytes < bytes.length) {
        read = body.read(bytes, lengthBytes, bytes.length - lengthBytes);
        lengthBytes += Math.max(0, read);
      } else {
        // Most bodies are as long as was announced, and need no larger array.
        read = body.read(oneMore, 0, 1);
        if (read > 0) {
          grow(promisedBytes);
          bytes[lengthBytes++] = oneMore[0];
        }
      }
      if (lengthBytes > MAX_BODY_BYTES) {
        throw tooLarge();
      }
    }
  }

  private void grow(long promisedBytes) throws ProblemException {
    int wanted = Math.min(Math.max(FIRST_BYTES, 2 * bytes.length), MAX_BODY_BYTES + 1);
    if (promisedBytes > lengthBytes) {
      wanted = (int) Math.min(wanted, promisedBytes);
    }
    if (wanted > FREE_BYTES) {
      if (!memory.tryTake(wanted - chargedBytes)) {
        throw RequestMemory.exhausted();
      }
      chargedBytes = wanted;
    }
    bytes = Arrays.copyOf(bytes, wanted);
  }

  private static ProblemException tooLarge() {
    return new ProblemException(
        Problem.of(
            413,
            "body_too_large",
            "A body may have at most " + MAX_BODY_BYTES / (1024 * 1024) + " MiB here."));
  }

  @Override
  public void close() {
    memory.give(chargedBytes);
    chargedBytes = 0;
  }
}
