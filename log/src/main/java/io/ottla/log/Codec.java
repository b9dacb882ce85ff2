package io.ottla.log;

import java.nio.ByteBuffer;

/**
 * Compresses and decompresses the records part of a batch in the framing that Kafka's clients use
 * for it. Thread-safe; what an algorithm keeps between calls is per thread.
 */
sealed interface Codec permits PlainCodec, GzipCodec, SnappyCodec, Lz4Codec, ZstdCodec {
  /** The codec of a compression. */
  static Codec of(Compression compression) {
    return switch (compression) {
      case NONE -> PlainCodec.INSTANCE;
      case GZIP -> GzipCodec.INSTANCE;
      case SNAPPY -> SnappyCodec.INSTANCE;
      case LZ4 -> Lz4Codec.INSTANCE;
      case ZSTD -> ZstdCodec.INSTANCE;
    };
  }

  /** Appends the compressed form of {@code source[start, start + length)} to {@code target}. */
  void compress(byte[] source, int start, int length, GrowingBytes target);

  /**
   * Decompresses all of {@code source}, whose position is left alone. Memory grows with what comes
   * out, never with what a header claims.
   *
   * @throws CorruptBatchException if the bytes are not this codec's, or if more than {@code
   *     limitBytes} come out
   */
  ByteBuffer decompress(ByteBuffer source, int limitBytes) throws CorruptBatchException;
}
