package io.ottla.replication;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;

/**
 * What an entry of the journal holds: a payload and what its leader knew when it decided it.
 * Immutable.
 *
 * <h2>Bytes</h2>
 *
 * <pre>{@code
 *  0  version, 1        u8
 *  1  decidingTerm      i64   equals the term of the entry
 *  9  commitIndex       i64   the leader's last committed index: proves that everything up to it
 *                             was committed (see JournalScan)
 * 17  appendTimeMs      i64   the leader's clock, milliseconds since the epoch
 * 25  payload
 * }</pre>
 *
 * Numbers are big-endian. The journal's own checksum covers all of it.
 */
record Envelope(long decidingTerm, long commitIndex, long appendTimeMs, ByteString payload) {
  static final int HEADER_BYTES = 25;
  private static final byte VERSION = 1;

  /** The bytes, without copying the payload. */
  ByteString toBytes() {
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    header.put(VERSION).putLong(decidingTerm).putLong(commitIndex).putLong(appendTimeMs).flip();
    return UnsafeByteOperations.unsafeWrap(header).concat(payload);
  }

  /** Empty when these are not the bytes of an envelope. */
  static Optional<Envelope> parse(ByteString bytes) {
    if (bytes.size() < HEADER_BYTES || bytes.byteAt(0) != VERSION) {
      return Optional.empty();
    }
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    bytes.substring(0, HEADER_BYTES).copyTo(header);
    header.flip().position(1);
    return Optional.of(
        new Envelope(
            header.getLong(), header.getLong(), header.getLong(), bytes.substring(HEADER_BYTES)));
  }
}
