package io.ottla.log;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The codecs of a record batch, with Kafka's ids. */
public enum Compression {
  NONE(0),
  GZIP(1),
  SNAPPY(2),
  LZ4(3),
  ZSTD(4);

  private static final Logger LOG = LoggerFactory.getLogger(Compression.class);

  private final int id;

  Compression(int id) {
    this.id = id;
  }

  /**
   * Whether this process has the codec: three of them are libraries that are unpacked into a
   * directory for temporary files and loaded from there. Tried once.
   */
  public boolean isAvailable() {
    return Loaded.COMPRESSIONS.contains(this);
  }

  /** Those that this process has. */
  public static Set<Compression> available() {
    return Collections.unmodifiableSet(Loaded.COMPRESSIONS);
  }

  /** This one, or none where this process has not got it. */
  public Compression orNone() {
    return isAvailable() ? this : NONE;
  }

  private static final class Loaded {
    private static final Set<Compression> COMPRESSIONS =
        Arrays.stream(values())
            .filter(Compression::works)
            .collect(Collectors.toCollection(() -> EnumSet.noneOf(Compression.class)));
  }

  private boolean works() {
    try {
      byte[] plain = new byte[256];
      GrowingBytes compressed = new GrowingBytes(0, 2 * plain.length);
      Codec codec = Codec.of(this);
      codec.compress(plain, 0, plain.length, compressed);
      return codec.decompress(compressed.view(), plain.length).remaining() == plain.length;
    } catch (CorruptBatchException | RuntimeException | LinkageError e) {
      LOG.error(
          "codec cannot be loaded, its topics are written uncompressed: compression={}", this, e);
      return false;
    }
  }

  /** The value of the lowest three bits of a batch's attributes. */
  public int id() {
    return id;
  }
}
