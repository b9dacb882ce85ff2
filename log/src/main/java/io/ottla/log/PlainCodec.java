package io.ottla.log;

import java.nio.ByteBuffer;

/** No compression: the bytes as they are, decompressed without a copy. */
enum PlainCodec implements Codec {
  INSTANCE;

  @Override
  public void compress(byte[] source, int start, int length, GrowingBytes target) {
    target.append(source, start, length);
  }

  @Override
  public ByteBuffer decompress(ByteBuffer source, int limitBytes) throws CorruptBatchException {
    if (source.remaining() > limitBytes) {
      throw new CorruptBatchException("more than %d bytes of records".formatted(limitBytes));
    }
    return source.slice();
  }
}
