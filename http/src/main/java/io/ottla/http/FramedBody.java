package io.ottla.http;

import io.helidon.common.buffers.DataReader;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;

/**
 * A request's body as it was sent, without what says where it ends. Helidon itself would keep a
 * whole chunk in memory, however large: so chunks are read here, from the connection, and only the
 * last one, which is empty, is left to it. One owner at a time.
 */
final class FramedBody implements ByteSource {
  private static final int CHUNKED = -1;
  private static final int MAX_SIZE_DIGITS = 8;

  private final ServerRequest request;
  private final DataReader connection;
  private final long promisedBytes;
  private InputStream in;

  /** Of the chunk that is being read. */
  private long leftInChunk;

  private boolean withinChunks;
  private volatile boolean whole;

  FramedBody(ServerRequest request, DataReader connection) {
    this.request = request;
    this.connection = connection;
    this.promisedBytes = promisedBytes(request.headers());
    this.whole = promisedBytes == 0;
  }

  private static long promisedBytes(ServerRequestHeaders headers) {
    if (headers.contains(HeaderNames.TRANSFER_ENCODING)) {
      return CHUNKED;
    }
    return headers.contentLength().orElse(0);
  }

  /** The size that was announced; 0: there is no body; -1: it is unknown. */
  long promisedBytes() {
    return promisedBytes;
  }

  /** Whether all of it was read, so that the connection stands at the next request. Thread-safe. */
  boolean isWhole() {
    return whole;
  }

  /** Whether reading has begun. */
  boolean hasBegun() {
    return in != null;
  }

  @Override
  public int read(byte[] into, int from, int length) throws ProblemException {
    if (whole || length == 0) {
      return whole ? -1 : 0;
    }
    try {
      if (in == null) {
        in = request.content().inputStream(); // asks for the body, if its sender waits for that
      }
      int read =
          promisedBytes == CHUNKED ? readChunk(into, from, length) : in.read(into, from, length);
      whole = read < 0;
      return read;
    } catch (DataReader.InsufficientDataAvailableException | java.io.UncheckedIOException e) {
      throw incomplete();
    } catch (IOException | RuntimeException e) {
      // Helidon has no type of its own for a chunk that is none.
      throw malformed();
    }
  }

  private int readChunk(byte[] into, int from, int length) throws IOException, ProblemException {
    if (leftInChunk == 0) {
      if (withinChunks && (connection.read() != '\r' || connection.read() != '\n')) {
        throw malformed();
      }
      withinChunks = false;
      leftInChunk = nextChunkBytes();
      if (leftInChunk == 0) {
        return in.read(); // -1; tells Helidon, too, that all is there
      }
      withinChunks = true;
    }
    connection.ensureAvailable();
    int size = (int) Math.min(Math.min(length, leftInChunk), connection.available());
    int read = connection.readBuffer(size).read(into, from, size);
    leftInChunk -= read;
    return read;
  }

  /** Reads a chunk's first line; that of the last chunk stays where it is. */
  private long nextChunkBytes() throws ProblemException {
    int digits = connection.findNewLine(MAX_SIZE_DIGITS + 1);
    if (digits == 0 || digits > MAX_SIZE_DIGITS) {
      throw malformed();
    }
    byte[] line = new byte[digits];
    connection.getBuffer(digits).read(line, 0, digits);
    long size = 0;
    for (byte digit : line) {
      int value = Character.digit(digit, 16);
      if (value < 0) {
        throw malformed();
      }
      size = size << 4 | value;
    }
    if (size > 0) {
      connection.skip(digits + 2);
    }
    return size;
  }

  /** What to say of a body whose end never came. */
  static ProblemException incomplete() {
    return new ProblemException(
        Problem.of(400, "body_incomplete", "The body ends before its end."));
  }

  private static ProblemException malformed() {
    return new ProblemException(Problem.of(400, "bad_request", "The body is not well-formed."));
  }
}
