package io.ottla.log;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Zstandard frames (RFC 8878). Decompressed in one go into the target array, so that the window
 * size that a frame claims costs nothing.
 */
enum ZstdCodec implements Codec {
  INSTANCE;

  private static final int LEVEL = 3;

  /** {@code ZSTD_error_dstSize_tooSmall}. */
  private static final long TARGET_TOO_SMALL = 70;

  @Override
  public void compress(byte[] source, int start, int length, GrowingBytes target) {
    int bound = (int) Zstd.compressBound(length);
    byte[] array = target.reserve(bound);
    long size = Zstd.compressByteArray(array, target.length(), bound, source, start, length, LEVEL);
    if (Zstd.isError(size)) {
      throw new IllegalStateException("zstd: " + Zstd.getErrorName(size));
    }
    target.setLength(target.length() + (int) size);
  }

  @Override
  public ByteBuffer decompress(ByteBuffer source, int limitBytes) throws CorruptBatchException {
    byte[] compressed = new byte[source.remaining()];
    source.get(source.position(), compressed);
    int capacity = (int) Math.min(limitBytes, Math.max(1024, compressed.length * 8L));
    while (true) {
      byte[] plain = new byte[capacity];
      long size;
      try {
        size = Zstd.decompressByteArray(plain, 0, capacity, compressed, 0, compressed.length);
      } catch (ZstdException e) {
        size = -e.getErrorCode();
      }
      if (!Zstd.isError(size)) {
        return ByteBuffer.wrap(Arrays.copyOf(plain, (int) size));
      }
      if (Zstd.getErrorCode(size) != TARGET_TOO_SMALL) {
        throw new CorruptBatchException("not zstd: " + Zstd.getErrorName(size));
      }
      if (capacity == limitBytes) {
        throw new CorruptBatchException("more than %d bytes of records".formatted(limitBytes));
      }
      capacity = (int) Math.min(limitBytes, capacity * 4L);
    }
  }
}
