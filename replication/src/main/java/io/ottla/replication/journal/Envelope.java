package io.ottla.replication.journal;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;

/**
 * What an entry of the journal holds: a payload and what its leader knew when it decided it.
 * Immutable.
 *
 * <h2>Bytes</h2>
 *
 * <pre>{@code
 *  0  version, 2        u8
 *  1  decidingTerm      i64   equals the term of the entry
 *  9  commitIndex       i64   the leader's last committed index: proves that everything up to it
 *                             was committed (see JournalScan)
 * 17  appendTimeMs      i64   the leader's clock, milliseconds since the epoch
 * 25  stamp             i64   random, the same for all entries of a leader's term: who sends
 *                             payloads does not know it, so they cannot pass for entries
 * 33  payload
 * }</pre>
 *
 * Version 1 has no stamp, its payload begins at 25. Numbers are big-endian. The journal's own
 * checksum covers all of it.
 *
 * @param stamp empty in version 1
 */
public record Envelope(
    long decidingTerm,
    long commitIndex,
    long appendTimeMs,
    OptionalLong stamp,
    ByteString payload) {
  static final int HEADER_BYTES_V1 = 25;
  static final int HEADER_BYTES = 33;
  static final byte VERSION_1 = 1;
  static final byte VERSION = 2;

  /** The bytes, without copying the payload; of version 2 if there is a stamp. */
  public ByteString toBytes() {
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    header.put(stamp.isPresent() ? VERSION : VERSION_1);
    header.putLong(decidingTerm).putLong(commitIndex).putLong(appendTimeMs);
    stamp.ifPresent(header::putLong);
    return UnsafeByteOperations.unsafeWrap(header.flip()).concat(payload);
  }

  /** Empty when these are not the bytes of an envelope. */
  public static Optional<Envelope> parse(ByteString bytes) {
    int headerBytes = bytes.isEmpty() ? 0 : headerBytes(bytes.byteAt(0));
    if (headerBytes == 0 || bytes.size() < headerBytes) {
      return Optional.empty();
    }
    ByteBuffer header = ByteBuffer.allocate(headerBytes);
    bytes.substring(0, headerBytes).copyTo(header);
    header.flip().position(1);
    return Optional.of(
        new Envelope(
            header.getLong(),
            header.getLong(),
            header.getLong(),
            header.hasRemaining() ? OptionalLong.of(header.getLong()) : OptionalLong.empty(),
            bytes.substring(headerBytes)));
  }

  /** 0 for a version that is not known. */
  static int headerBytes(byte version) {
    return switch (version) {
      case VERSION_1 -> HEADER_BYTES_V1;
      case VERSION -> HEADER_BYTES;
      default -> 0;
    };
  }
}
