package io.ottla.http;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The body of a request, decoded, as it arrives. Read by the connection's thread, or by one thread
 * that was started with {@link #readBy}. The questions may be asked by any thread.
 */
public final class ArrivingBody implements ByteSource, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ArrivingBody.class);
  private static final int DROPPED_AT_ONCE_BYTES = 8 * 1024;
  private static final long MAX_DRAINED_BYTES = 4L * 1024 * 1024;
  private static final long MAX_DRAINED_STREAM_BYTES = 256L * 1024 * 1024;
  private static final Duration LONGEST_DRAIN = Duration.ofSeconds(5);

  private final FramedBody framed;
  private final boolean waitsToBeAsked;
  private final RequestMemory memory;
  private final Duration patience;
  private final BooleanSupplier stopping;
  private volatile long heardNanos = System.nanoTime();
  private volatile boolean abandoned;
  private ByteSource decoded;
  private Gunzip gunzip;
  private Thread reader;

  /**
   * What a body needs of its server.
   *
   * @param memory what bodies may hold together
   * @param patience how long a streamed body may be silent
   * @param stopping whether the server stops
   */
  record Surroundings(RequestMemory memory, Duration patience, BooleanSupplier stopping) {}

  /**
   * A body that is not read yet.
   *
   * @param waitsToBeAsked whether its sender waits until somebody reads
   */
  ArrivingBody(FramedBody framed, boolean waitsToBeAsked, Surroundings surroundings) {
    this.framed = framed;
    this.decoded = framed;
    this.waitsToBeAsked = waitsToBeAsked;
    this.memory = surroundings.memory();
    this.patience = surroundings.patience();
    this.stopping = surroundings.stopping();
  }

  /** What arrives is gzip. To be said before anything is read. */
  void decodeGzip() {
    gunzip = new Gunzip(framed);
    decoded = gunzip;
  }

  /** Whether the request has a body. */
  boolean exists() {
    return framed.promisedBytes() != 0;
  }

  @Override
  public int read(byte[] into, int from, int length) throws ProblemException {
    int read = decoded.read(into, from, length);
    heardNanos = System.nanoTime();
    return read;
  }

  /** What all bodies may hold together. */
  public RequestMemory memory() {
    return memory;
  }

  /** The encoded size that was announced; -1 if it is unknown. */
  long promisedBytes() {
    return framed.promisedBytes();
  }

  /** Whether all of it was read, so that the connection stands at the next request. */
  boolean isWhole() {
    return framed.isWhole();
  }

  /** Whether its sender has been silent for longer than anybody waits. */
  public boolean isSilent() {
    return System.nanoTime() - heardNanos > patience.toNanos();
  }

  /** Whether the server stops. */
  public boolean mustEnd() {
    return stopping.getAsBoolean();
  }

  /** Has a virtual thread read the body; what that leaves is dropped once it was answered. */
  public void readBy(Runnable reading) {
    start(
        () -> {
          reading.run();
          drop(MAX_DRAINED_STREAM_BYTES);
        });
  }

  private void start(Runnable reading) {
    reader =
        Thread.ofVirtual()
            .name("body-reader")
            .start(
                () -> {
                  try {
                    reading.run();
                  } catch (RuntimeException | Error e) {
                    LOG.error("reading a body failed", e);
                  } finally {
                    end();
                  }
                });
  }

  /** Nobody wants the rest. */
  public void abandon() {
    abandoned = true;
  }

  /** Whether somebody has said so. */
  public boolean isAbandoned() {
    return abandoned;
  }

  /**
   * Takes in and drops what is left, so that its sender gets to read the answer; not for ever, nor
   * for longer than that. The connection has to be closed afterwards, which ends the reader.
   */
  void drain(Duration longest) throws InterruptedException {
    abandoned = true;
    if (reader == null) {
      if (!framed.hasBegun() && waitsToBeAsked) {
        return;
      }
      start(() -> drop(MAX_DRAINED_BYTES));
    }
    reader.join(longest.compareTo(LONGEST_DRAIN) < 0 ? longest : LONGEST_DRAIN);
  }

  private void drop(long mostBytes) {
    byte[] dropped = new byte[DROPPED_AT_ONCE_BYTES];
    try {
      long left = mostBytes;
      int read = 0;
      while (left > 0 && read >= 0) {
        read = framed.read(dropped, 0, dropped.length);
        left -= read;
      }
    } catch (ProblemException e) {
      // What is left is no body, or the client is gone.
    }
  }

  @Override
  public void close() {
    if (reader == null) {
      end();
    }
  }

  private void end() {
    if (gunzip != null) {
      gunzip.close();
    }
  }
}
