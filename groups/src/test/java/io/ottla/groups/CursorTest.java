package io.ottla.groups;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class CursorTest {
  private static final Cursor SAMPLE =
      new Cursor(
          "7",
          1_732_000_000_000L,
          new TreeMap<>(
              Map.of(
                  new TopicPartition(new UUID(1, 2), 0), new Cursor.Place(3, 1L << 40),
                  new TopicPartition(new UUID(1, 2), 9), new Cursor.Place(4, 0),
                  new TopicPartition(new UUID(-5, 2), 1), new Cursor.Place(5, 17))));

  @Test
  void aCursorComesBackAsItWasAndFitsAUrl() {
    String text = SAMPLE.encode();

    assertThat(text).matches("[A-Za-z0-9_-]+");
    assertThat(Cursor.decode(text)).contains(SAMPLE);
  }

  @Test
  void aTrailNamesTheCursorAfterEachStep() {
    CursorTrail trail = new CursorTrail(SAMPLE);
    TreeMap<TopicPartition, Cursor.Place> places = new TreeMap<>(SAMPLE.places());

    assertThat(new String(trail.text(), US_ASCII)).isEqualTo(SAMPLE.encode());
    for (TopicPartition partition : SAMPLE.places().keySet()) {
      trail.moveTo(partition, 1L << 50);
      places.put(partition, new Cursor.Place(places.get(partition).epoch(), 1L << 50));
      assertThat(Cursor.decode(new String(trail.text(), US_ASCII))).contains(SAMPLE.at(places));
    }
    trail.moveTo(new TopicPartition(new UUID(9, 9), 0), 5);
    assertThat(Cursor.decode(new String(trail.text(), US_ASCII))).contains(SAMPLE.at(places));
  }

  @Test
  void aGarbledCursorIsNoCursor() {
    byte[] bytes = Base64.getUrlDecoder().decode(SAMPLE.encode());
    for (int bit = 0; bit < bytes.length * 8; bit++) {
      byte[] flipped = bytes.clone();
      flipped[bit / 8] ^= (byte) (1 << (bit % 8));
      assertThat(Cursor.decode(text(flipped))).as("bit %d", bit).isEmpty();
    }
    for (int cut = 0; cut < bytes.length; cut++) {
      assertThat(Cursor.decode(text(Arrays.copyOf(bytes, cut)))).isEmpty();
    }
  }

  @Test
  void whateverTextItIsDecodingAnswersAndTakesLittle() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(60)];
      random.nextBytes(bytes);
      assertThat(Cursor.decode(text(bytes))).as("seed %d", seed).isEmpty();
    }
    assertThat(Cursor.decode("")).isEmpty();
    assertThat(Cursor.decode("ä ö=")).isEmpty();
    assertThat(Cursor.decode("A".repeat(1_000_000))).isEmpty();
  }

  @Test
  void aWellSummedLieIsNoCursorEither() {
    byte[][] lies = {
      {1, 0x7f, 0, 0}, // an id longer than the cursor
      {1, 1, '7', 0, 5}, // topics that are not there
      {1, 1, '7', 0, 0, 9}, // something behind the end
      {1, 1, '7', -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1, 0}, // an endless number
      {2, 1, '7', 0, 0}, // another version
    };
    for (byte[] lie : lies) {
      CRC32C crc = new CRC32C();
      crc.update(lie);
      byte[] summed =
          ByteBuffer.allocate(lie.length + 4).put(lie).putInt((int) crc.getValue()).array();
      assertThat(Cursor.decode(text(summed))).isEmpty();
    }
  }

  private static String text(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
