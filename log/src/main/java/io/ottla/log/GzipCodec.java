package io.ottla.log;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** One gzip stream (RFC 1952). */
enum GzipCodec implements Codec {
  INSTANCE;

  private static final int CHUNK_BYTES = 16 * 1024;

  @Override
  public void compress(byte[] source, int start, int length, GrowingBytes target) {
    try (GZIPOutputStream gzip = new GZIPOutputStream(target, CHUNK_BYTES)) {
      gzip.write(source, start, length);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
  }

  @Override
  public ByteBuffer decompress(ByteBuffer source, int limitBytes) throws CorruptBatchException {
    byte[] compressed = new byte[source.remaining()];
    source.get(source.position(), compressed);
    GrowingBytes plain =
        new GrowingBytes(Math.min(limitBytes, compressed.length * 4 + 64), limitBytes);
    try (GZIPInputStream gzip =
        new GZIPInputStream(new ByteArrayInputStream(compressed), CHUNK_BYTES)) {
      byte[] chunk = new byte[CHUNK_BYTES];
      for (int count = gzip.read(chunk); count >= 0; count = gzip.read(chunk)) {
        if (!plain.hasRoomFor(count)) {
          throw new CorruptBatchException("more than %d bytes of records".formatted(limitBytes));
        }
        plain.append(chunk, 0, count);
      }
    } catch (CorruptBatchException e) {
      throw e;
    } catch (IOException e) {
      throw new CorruptBatchException("not gzip: " + e.getMessage(), e);
    }
    return plain.view();
  }
}
