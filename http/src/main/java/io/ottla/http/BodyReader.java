package io.ottla.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Reads request bodies whole, bounded one by one and all together. Memory is taken as bytes arrive,
 * never because a header promises them. Thread-safe; one {@link Body} has one owner.
 */
final class BodyReader {
  /** The largest JSON body. */
  static final int MAX_BODY_BYTES = 16 * 1024 * 1024;

  private static final long MAX_BYTES_IN_FLIGHT = 96L * 1024 * 1024;
  private static final int FIRST_BYTES = 4 * 1024;

  /** Bodies up to this size are not counted: there are only as many as there are connections. */
  private static final int FREE_BYTES = 64 * 1024;

  private static final int MAX_DRAINED_BYTES = 4 * 1024 * 1024;
  private static final byte[] EMPTY = new byte[0];

  private final AtomicLong bytesInFlight = new AtomicLong();

  /** A body and the memory it is charged with; {@link #close} gives that back. */
  final class Body implements AutoCloseable {
    private byte[] bytes = EMPTY;
    private int lengthBytes;
    private final ServerRequest request;
    private final long promisedBytes;
    private InputStream in;
    private long chargedBytes;
    private boolean whole;

    private Body(ServerRequest request) {
      this.request = request;
      this.promisedBytes = promisedBytes(request.headers());
      this.whole = promisedBytes == 0;
    }

    /** The array whose first {@link #lengthBytes} are the body. */
    byte[] bytes() {
      return bytes;
    }

    int lengthBytes() {
      return lengthBytes;
    }

    /** Whether all of it was read, so that the connection stands at the next request. */
    boolean isWhole() {
      return whole;
    }

    /** Whether the request has a body. */
    boolean exists() {
      return promisedBytes != 0;
    }

    /** Reads all of it. */
    void read() throws ProblemException, IOException {
      if (promisedBytes > MAX_BODY_BYTES) {
        throw tooLarge();
      }
      in = request.content().inputStream();
      bytes = new byte[promisedBytes < 0 ? FIRST_BYTES : (int) Math.min(promisedBytes, FREE_BYTES)];
      while (!whole) {
        if (lengthBytes == bytes.length && lengthBytes == promisedBytes) {
          // The length is exact; this read only lets the server know that we are done.
          whole = in.read() < 0;
        } else {
          readSome();
        }
      }
    }

    private void readSome() throws ProblemException, IOException {
      if (lengthBytes == bytes.length) {
        grow();
      }
      int read = in.read(bytes, lengthBytes, bytes.length - lengthBytes);
      if (read < 0) {
        whole = true;
        return;
      }
      lengthBytes += read;
      if (lengthBytes > MAX_BODY_BYTES) {
        throw tooLarge();
      }
    }

    private void grow() throws ProblemException {
      int wanted = Math.min(2 * bytes.length, MAX_BODY_BYTES + 1);
      if (promisedBytes > 0) {
        wanted = (int) Math.min(wanted, promisedBytes);
      }
      if (wanted > FREE_BYTES) {
        long more = wanted - chargedBytes;
        if (bytesInFlight.addAndGet(more) > MAX_BYTES_IN_FLIGHT) {
          bytesInFlight.addAndGet(-more);
          throw new ProblemException(
              new Problem(
                  503, "overloaded", true, "Too many bytes of requests are in flight.", Map.of()));
        }
        chargedBytes = wanted;
      }
      bytes = Arrays.copyOf(bytes, wanted);
    }

    /** Takes in and drops what is left, so that its sender gets to read the answer. */
    void drain() {
      try {
        drainSome();
      } catch (IOException | RuntimeException e) {
        // What is left is no body, or the client is gone: the connection is closed anyway.
        whole = false;
      }
    }

    private void drainSome() throws IOException {
      if (in == null) {
        if (request.headers().containsToken(HeaderValues.EXPECT_100)) {
          return;
        }
        in = request.content().inputStream();
      }
      byte[] dropped = new byte[FIRST_BYTES];
      int left = MAX_DRAINED_BYTES;
      while (left > 0) {
        int read = in.read(dropped, 0, dropped.length);
        if (read < 0) {
          return;
        }
        left -= read;
      }
    }

    @Override
    public void close() {
      if (chargedBytes > 0) {
        bytesInFlight.addAndGet(-chargedBytes);
        chargedBytes = 0;
      }
    }
  }

  /** The request's body, not read yet. */
  Body open(ServerRequest request) {
    return new Body(request);
  }

  /** 0: there is no body; -1: it is chunked, its length unknown. */
  private static long promisedBytes(ServerRequestHeaders headers) {
    if (headers.contains(HeaderNames.TRANSFER_ENCODING)) {
      return -1;
    }
    return headers.contentLength().orElse(0);
  }

  private static ProblemException tooLarge() {
    return new ProblemException(
        Problem.of(
            413,
            "body_too_large",
            "A body may have at most " + MAX_BODY_BYTES / (1024 * 1024) + " MiB."));
  }
}
