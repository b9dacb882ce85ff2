package io.ottla.http;

import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Bytes in gzip (RFC 1952), decoded as they arrive; one member may follow another. Its memory does
 * not depend on what is decoded. How far it may be blown up is bounded: deflate reaches about 1030
 * to 1, events do not. One owner at a time.
 */
final class Gunzip implements ByteSource, AutoCloseable {
  private static final int INPUT_BYTES = 8 * 1024;
  private static final long FREE_DECODED_BYTES = 64L * 1024 * 1024;
  private static final int MAX_RATIO = 250;

  private static final int HEADER_CRC = 1 << 1;
  private static final int EXTRA = 1 << 2;
  private static final int NAME = 1 << 3;
  private static final int COMMENT = 1 << 4;
  private static final int RESERVED = 0xe0;

  private final ByteSource encoded;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 crc = new CRC32();
  private final byte[] input = new byte[INPUT_BYTES];
  private int at;
  private int end;
  private boolean withinMember;
  private long encodedBytes;
  private long decodedBytes;

  Gunzip(ByteSource encoded) {
    this.encoded = encoded;
  }

  @Override
  public int read(byte[] into, int from, int length) throws ProblemException {
    try {
      while (withinMember || beginMember()) {
        int read = inflater.inflate(into, from, length);
        if (read > 0) {
          crc.update(into, from, read);
          count(read);
          return read;
        }
        if (inflater.finished()) {
          endMember();
        } else if (inflater.needsInput()) {
          if (at == end && !fill()) {
            throw FramedBody.incomplete();
          }
          inflater.setInput(input, at, end - at);
          at = end;
        } else {
          throw invalid(); // it asks for a dictionary
        }
      }
      return -1;
    } catch (DataFormatException e) {
      throw invalid();
    }
  }

  private void count(int read) throws ProblemException {
    decodedBytes += read;
    if (decodedBytes > FREE_DECODED_BYTES + MAX_RATIO * encodedBytes) {
      throw new ProblemException(
          Problem.of(
              413,
              "body_too_large",
              "The body decodes to more than " + MAX_RATIO + " times its size."));
    }
  }

  /** False at the end of the body. */
  private boolean beginMember() throws ProblemException {
    if (at == end && !fill()) {
      return false;
    }
    if (next() != 0x1f || next() != 0x8b || next() != 8) {
      throw invalid();
    }
    int flags = next();
    if ((flags & RESERVED) != 0) {
      throw invalid();
    }
    skip(6); // its time, how it was made and where
    if ((flags & EXTRA) != 0) {
      skip(next() | next() << 8);
    }
    if ((flags & NAME) != 0) {
      skipText();
    }
    if ((flags & COMMENT) != 0) {
      skipText();
    }
    if ((flags & HEADER_CRC) != 0) {
      skip(2);
    }
    inflater.reset();
    crc.reset();
    withinMember = true;
    return true;
  }

  private void endMember() throws ProblemException {
    at = end - inflater.getRemaining();
    if (nextNumber() != crc.getValue()
        || nextNumber() != (inflater.getBytesWritten() & 0xffff_ffffL)) {
      throw invalid();
    }
    withinMember = false;
  }

  private long nextNumber() throws ProblemException {
    return next() | next() << 8 | next() << 16 | (long) next() << 24;
  }

  private void skip(int bytes) throws ProblemException {
    for (int i = 0; i < bytes; i++) {
      next();
    }
  }

  private void skipText() throws ProblemException {
    int read;
    do {
      read = next();
    } while (read != 0);
  }

  private int next() throws ProblemException {
    if (at == end && !fill()) {
      throw FramedBody.incomplete();
    }
    return input[at++] & 0xff;
  }

  private boolean fill() throws ProblemException {
    int read = encoded.read(input, 0, input.length);
    at = 0;
    end = Math.max(0, read);
    encodedBytes += end;
    return read > 0;
  }

  private static ProblemException invalid() {
    return new ProblemException(
        Problem.of(400, "invalid_gzip", "The body is said to be gzip, but is not."));
  }

  @Override
  public void close() {
    inflater.end();
  }
}
