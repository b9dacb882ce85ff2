package io.ottla.log;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.xerial.snappy.Snappy;

/**
 * Snappy in the framing of snappy-java's streams, which Kafka's clients use.
 *
 * <pre>{@code
 * 0x82 'S' 'N' 'A' 'P' 'P' 'Y' 0 | int version 1 | int compatible 1
 * then blocks: int compressedLength | a raw snappy block
 * }</pre>
 *
 * <p>Bytes without that header are one raw block, as some clients send them. The framing is written
 * here because snappy-java's reader allocates whatever length a block claims.
 */
enum SnappyCodec implements Codec {
  INSTANCE;

  private static final byte[] MAGIC = {(byte) 0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
  private static final int VERSION = 1;
  private static final int HEADER_BYTES = MAGIC.length + 8;
  private static final int BLOCK_BYTES = 32 * 1024;

  @Override
  public void compress(byte[] source, int start, int length, GrowingBytes target) {
    target.append(MAGIC, 0, MAGIC.length);
    appendInt(target, VERSION);
    appendInt(target, VERSION);
    try {
      for (int from = 0; from < length; from += BLOCK_BYTES) {
        int count = Math.min(BLOCK_BYTES, length - from);
        byte[] array = target.reserve(4 + Snappy.maxCompressedLength(count));
        int lengthAt = target.length();
        int size = Snappy.compress(source, start + from, count, array, lengthAt + 4);
        appendInt(target, size);
        target.setLength(lengthAt + 4 + size);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("compressing in memory failed", e);
    }
  }

  @Override
  public ByteBuffer decompress(ByteBuffer source, int limitBytes) throws CorruptBatchException {
    byte[] compressed = new byte[source.remaining()];
    source.get(source.position(), compressed);
    GrowingBytes plain = new GrowingBytes(0, limitBytes);
    if (!isFramed(compressed)) {
      decompressBlock(compressed, 0, compressed.length, plain);
      return plain.view();
    }
    ByteBuffer frame = ByteBuffer.wrap(compressed);
    frame.position(HEADER_BYTES);
    while (frame.hasRemaining()) {
      int size = frame.remaining() < 4 ? -1 : frame.getInt();
      if (size < 0 || size > frame.remaining()) {
        throw new CorruptBatchException("not snappy: a block of %d bytes".formatted(size));
      }
      decompressBlock(compressed, frame.position(), size, plain);
      frame.position(frame.position() + size);
    }
    return plain.view();
  }

  private static boolean isFramed(byte[] compressed) {
    return compressed.length >= HEADER_BYTES
        && Arrays.equals(compressed, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
  }

  /** A block's claim is believed only as far as snappy can expand: 64 bytes out of 3. */
  private static void decompressBlock(byte[] source, int start, int size, GrowingBytes plain)
      throws CorruptBatchException {
    try {
      int length = Snappy.uncompressedLength(source, start, size);
      if (!plain.hasRoomFor(length) || length > size * 32L) {
        throw new CorruptBatchException("not snappy: a block of %d bytes".formatted(length));
      }
      byte[] array = plain.reserve(length);
      int count = Snappy.uncompress(source, start, size, array, plain.length());
      plain.setLength(plain.length() + count);
    } catch (CorruptBatchException e) {
      throw e;
    } catch (IOException e) {
      throw new CorruptBatchException("not snappy: " + e.getMessage(), e);
    }
  }

  private static void appendInt(GrowingBytes target, int value) {
    target.write(value >>> 24);
    target.write(value >>> 16);
    target.write(value >>> 8);
    target.write(value);
  }
}
