package io.ottla.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class KeptOffsetsTest {
  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  @Test
  void whatWasSaidOfEveryRecordComesBack() {
    for (int i = 0; i < 300; i++) {
      long firstOffset = random.nextLong(1L << 40);
      TreeMap<Long, Boolean> said = new TreeMap<>();
      KeptOffsets.Builder builder = new KeptOffsets.Builder(firstOffset);
      long offset = firstOffset;
      int stretch = 1 + random.nextInt(1 << random.nextInt(20));
      for (int n = random.nextInt(60); n > 0; n--) {
        offset += random.nextInt(stretch);
        boolean keep = random.nextInt(3) > 0;
        said.put(offset, keep);
        if (keep) {
          builder.keep(offset);
        } else {
          assertThat(builder.remove(offset)).isTrue();
        }
        offset++;
      }

      KeptOffsets kept = builder.build();

      assertThat(KeptOffsets.of(kept.bytes())).as("seed %d", seed).hasValue(kept);
      KeptOffsets.Cursor cursor = kept.from(firstOffset);
      said.forEach(
          (at, keep) -> assertThat(cursor.keeps(at)).as("seed %d at %d", seed, at).isEqualTo(keep));
      assertThat(kept.from(firstOffset).keepsAll(firstOffset, offset))
          .as("seed %d", seed)
          .isEqualTo(!said.containsValue(false));
    }
  }

  @Test
  void whatFindsNoRoomStays() {
    KeptOffsets.Builder builder = new KeptOffsets.Builder(0);
    long offset = 0;
    while (builder.remove(offset)) {
      builder.keep(offset + 1);
      offset += 2;
    }

    KeptOffsets kept = builder.build();

    assertThat(kept.bytes().remaining())
        .isBetween(KeptOffsets.MAX_BYTES - 10, KeptOffsets.MAX_BYTES);
    KeptOffsets.Cursor cursor = kept.from(0);
    assertThat(cursor.keeps(offset - 2)).isFalse();
    assertThat(cursor.keepsAll(offset - 1, Long.MAX_VALUE)).isTrue();
  }

  @Test
  void bytesThatCannotBeItAreRefused() {
    assertThat(KeptOffsets.of(ByteBuffer.wrap(new byte[] {0, 2, 4, 2}))).isPresent();
    assertThat(KeptOffsets.of(ByteBuffer.wrap(new byte[] {2}))).as("no pair").isEmpty();
    assertThat(KeptOffsets.of(ByteBuffer.wrap(new byte[] {2, 0}))).as("nothing goes").isEmpty();
    assertThat(KeptOffsets.of(ByteBuffer.wrap(new byte[] {2, 2, 0, 2}))).as("no run").isEmpty();
    assertThat(KeptOffsets.of(ByteBuffer.wrap(new byte[] {1, 2}))).as("negative").isEmpty();
    assertThat(KeptOffsets.of(ByteBuffer.wrap(new byte[] {2, -1}))).as("cut").isEmpty();
    assertThat(KeptOffsets.of(ByteBuffer.allocate(KeptOffsets.MAX_BYTES + 1))).isEmpty();
    for (int i = 0; i < 10_000; i++) {
      byte[] bytes = new byte[random.nextInt(20)];
      random.nextBytes(bytes);
      KeptOffsets.of(ByteBuffer.wrap(bytes))
          .ifPresent(kept -> assertThat(kept.from(0).keeps(Long.MAX_VALUE - 1)).isTrue());
    }
  }
}
