package io.ottla.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GunzipTest {
  private static final byte[] TEXT =
      "some text, some text, and some more".repeat(20).getBytes(UTF_8);

  /** Gives bytes in pieces of random sizes. */
  private static ByteSource inPieces(byte[] bytes, Random random) {
    int[] at = new int[1];
    return (into, from, length) -> {
      if (at[0] == bytes.length) {
        return -1;
      }
      int most = Math.min(length, bytes.length - at[0]);
      int size = Math.min(most, 1 + random.nextInt(random.nextBoolean() ? 3 : 5_000));
      System.arraycopy(bytes, at[0], into, from, size);
      at[0] += size;
      return size;
    };
  }

  private static byte[] decoded(byte[] encoded, long seed) throws ProblemException {
    Random random = new Random(seed);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Gunzip gunzip = new Gunzip(inPieces(encoded, random))) {
      byte[] buffer = new byte[1 + random.nextInt(10_000)];
      int read = 0;
      while (read >= 0) {
        out.write(buffer, 0, read);
        read = gunzip.read(buffer, 0, buffer.length);
      }
    }
    return out.toByteArray();
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  /** A member whose header has whatever the flags say. */
  private static byte[] member(int flags) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {0x1f, (byte) 0x8b, 8, (byte) flags, 1, 2, 3, 4, 0, 3});
    if ((flags & 4) != 0) {
      out.writeBytes(new byte[] {3, 0, 0, 0x1f, 0});
    }
    if ((flags & 8) != 0) {
      out.writeBytes("name\0".getBytes(UTF_8));
    }
    if ((flags & 16) != 0) {
      out.writeBytes("a comment\0".getBytes(UTF_8));
    }
    if ((flags & 2) != 0) {
      out.writeBytes(new byte[] {9, 9});
    }
    Deflater deflater = new Deflater(9, true);
    deflater.setInput(TEXT);
    deflater.finish();
    byte[] buffer = new byte[1_000];
    out.write(buffer, 0, deflater.deflate(buffer));
    deflater.end();
    CRC32 crc = new CRC32();
    crc.update(TEXT);
    for (long number : new long[] {crc.getValue(), TEXT.length}) {
      for (int shift = 0; shift < 32; shift += 8) {
        out.write((int) (number >> shift));
      }
    }
    return out.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void decodesWhateverTheSizesOfThePieces(long seed) throws IOException, ProblemException {
    Random random = new Random(seed);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteArrayOutputStream encoded = new ByteArrayOutputStream();
    for (int member = random.nextInt(4); member >= 0; member--) {
      byte[] bytes = new byte[random.nextInt(200_000)];
      random.nextBytes(bytes);
      Arrays.fill(bytes, 0, bytes.length / 2, (byte) 'x');
      all.writeBytes(bytes);
      encoded.writeBytes(gzip(bytes));
    }

    assertThat(decoded(encoded.toByteArray(), seed)).isEqualTo(all.toByteArray());
  }

  @Test
  void passesOverAllThatAHeaderMayHave() throws ProblemException {
    for (int flags = 0; flags < 32; flags++) {
      assertThat(decoded(member(flags), flags)).as("flags %d", flags).isEqualTo(TEXT);
    }
  }

  @Test
  void refusesWhatIsCutOrChangedAnywhere() throws IOException {
    byte[] encoded = gzip(TEXT);
    for (int i = 1; i < encoded.length; i++) {
      byte[] cut = Arrays.copyOf(encoded, i);
      assertThat(problem(cut)).isEqualTo("body_incomplete");
    }
    for (int i : new int[] {0, 1, 2, encoded.length - 1, encoded.length - 8}) {
      byte[] changed = encoded.clone();
      changed[i] ^= 1;
      assertThat(problem(changed)).as("byte %d", i).isEqualTo("invalid_gzip");
    }
    assertThat(problem(Arrays.copyOf(encoded, encoded.length + 1))).isEqualTo("invalid_gzip");
    assertThat(problem(member(0x20))).isEqualTo("invalid_gzip");
  }

  private static String problem(byte[] encoded) {
    return catchThrowableOfType(ProblemException.class, () -> decoded(encoded, 1)).problem().code();
  }
}
