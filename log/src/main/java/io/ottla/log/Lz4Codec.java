package io.ottla.log;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;
import net.jpountz.xxhash.XXHash32;
import net.jpountz.xxhash.XXHashFactory;

/**
 * One LZ4 frame of independent 64 KiB blocks, as Kafka's clients write and demand it.
 *
 * <pre>{@code
 * int magic 0x184D2204 | byte flags | byte block size | [long content size] | byte header checksum
 * then blocks: int length (highest bit: stored as it is) | bytes | [int checksum]
 * int 0 | [int content checksum]                                  numbers are little-endian
 * }</pre>
 *
 * <p>The frame is written here, over lz4-java's blocks, because its streams allocate three blocks'
 * worth of buffers for every batch, and this is the default codec of every produce. Source: the LZ4
 * frame format, 1.6.
 */
enum Lz4Codec implements Codec {
  INSTANCE;

  private static final int MAGIC = 0x184D2204;
  private static final int BLOCK_BYTES = 64 * 1024;
  private static final int BLOCK_64_KIB = 4 << 4;

  /** What one byte of a block can become at most. */
  private static final long MAX_EXPANSION = 255;

  /** What it usually becomes at most: room for so much is taken at once. */
  private static final int LIKELY_EXPANSION = 5;

  private static final int STORED = 0x8000_0000;
  private static final int VERSION_1 = 0x40;
  private static final int INDEPENDENT_BLOCKS = 0x20;
  private static final int BLOCK_CHECKSUM = 0x10;
  private static final int CONTENT_SIZE = 0x08;
  private static final int CONTENT_CHECKSUM = 0x04;
  private static final int DICTIONARY = 0x01;

  private static final LZ4Compressor COMPRESSOR = LZ4Factory.fastestInstance().fastCompressor();
  private static final LZ4SafeDecompressor DECOMPRESSOR =
      LZ4Factory.fastestInstance().safeDecompressor();
  private static final XXHash32 HASH = XXHashFactory.fastestInstance().hash32();

  @Override
  public void compress(byte[] source, int start, int length, GrowingBytes target) {
    appendInt(target, MAGIC);
    int descriptorAt = target.length();
    target.write(VERSION_1 | INDEPENDENT_BLOCKS);
    target.write(BLOCK_64_KIB);
    target.write(HASH.hash(target.array(), descriptorAt, 2, 0) >>> 8);
    for (int from = 0; from < length; from += BLOCK_BYTES) {
      int count = Math.min(BLOCK_BYTES, length - from);
      int bound = COMPRESSOR.maxCompressedLength(count);
      int lengthAt = target.length();
      byte[] array = target.reserve(4 + bound);
      int size = COMPRESSOR.compress(source, start + from, count, array, lengthAt + 4, bound);
      if (size < count) {
        appendInt(target, size);
        target.setLength(lengthAt + 4 + size);
      } else {
        appendInt(target, count | STORED);
        target.append(source, start + from, count);
      }
    }
    appendInt(target, 0);
  }

  @Override
  public ByteBuffer decompress(ByteBuffer source, int limitBytes) throws CorruptBatchException {
    byte[] compressed = new byte[source.remaining()];
    source.get(source.position(), compressed);
    ByteBuffer frame = ByteBuffer.wrap(compressed).order(ByteOrder.LITTLE_ENDIAN);
    require(frame.remaining() >= 7 && frame.getInt() == MAGIC, "no frame");
    int descriptorAt = frame.position();
    int flags = frame.get();
    require((flags & 0xc0) == VERSION_1, "unknown version");
    require((flags & INDEPENDENT_BLOCKS) != 0, "blocks depend on each other");
    require((flags & DICTIONARY) == 0, "needs a dictionary");
    int blockCode = (frame.get() >> 4) & 0x07;
    require(blockCode >= 4, "unknown block size");
    int blockBytes = 1 << (8 + 2 * blockCode);
    int descriptorBytes = (flags & CONTENT_SIZE) != 0 ? 10 : 2;
    require(frame.remaining() > descriptorBytes - 2, "cut short");
    frame.position(descriptorAt + descriptorBytes);
    byte headerChecksum = (byte) (HASH.hash(compressed, descriptorAt, descriptorBytes, 0) >>> 8);
    require(frame.get() == headerChecksum, "header checksum");
    long likelyBytes = (long) LIKELY_EXPANSION * compressed.length + blockBytes;
    GrowingBytes plain = new GrowingBytes((int) Math.min(likelyBytes, limitBytes), limitBytes);
    while (decompressBlock(frame, compressed, flags, blockBytes, plain)) {
      require(frame.remaining() >= 4, "cut short");
    }
    if ((flags & CONTENT_CHECKSUM) != 0) {
      require(frame.remaining() >= 4, "cut short");
      require(frame.getInt() == HASH.hash(plain.array(), 0, plain.length(), 0), "content checksum");
    }
    return plain.view();
  }

  /** Whether there was a block; the end mark is none. */
  private static boolean decompressBlock(
      ByteBuffer frame, byte[] compressed, int flags, int blockBytes, GrowingBytes plain)
      throws CorruptBatchException {
    require(frame.remaining() >= 4, "cut short");
    int mark = frame.getInt();
    if (mark == 0) {
      return false;
    }
    int size = mark & ~STORED;
    int checksumBytes = (flags & BLOCK_CHECKSUM) != 0 ? 4 : 0;
    require(size <= blockBytes && size <= frame.remaining() - checksumBytes, "block size");
    int at = frame.position();
    frame.position(at + size);
    if (checksumBytes != 0) {
      require(frame.getInt() == HASH.hash(compressed, at, size, 0), "block checksum");
    }
    if ((mark & STORED) != 0) {
      require(plain.hasRoomFor(size), "too many records");
      plain.append(compressed, at, size);
      return true;
    }
    try {
      int most = (int) Math.min(blockBytes, size * MAX_EXPANSION);
      byte[] array = plain.reserve(most);
      int count = DECOMPRESSOR.decompress(compressed, at, size, array, plain.length(), most);
      require(plain.hasRoomFor(count), "too many records");
      plain.setLength(plain.length() + count);
      return true;
    } catch (LZ4Exception e) {
      throw new CorruptBatchException("not lz4: " + e.getMessage(), e);
    }
  }

  private static void require(boolean holds, String otherwise) throws CorruptBatchException {
    if (!holds) {
      throw new CorruptBatchException("not lz4 as expected: " + otherwise);
    }
  }

  private static void appendInt(GrowingBytes target, int value) {
    target.write(value);
    target.write(value >>> 8);
    target.write(value >>> 16);
    target.write(value >>> 24);
  }
}
