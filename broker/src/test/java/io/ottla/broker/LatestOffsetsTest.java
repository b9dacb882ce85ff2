package io.ottla.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LatestOffsetsTest {
  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  @Test
  void everyKeysLatestOffsetIsKnownHoweverManyThereAre() {
    LatestOffsets latest = new LatestOffsets(1 << 20);
    Map<ByteBuffer, Long> expected = new HashMap<>();
    for (long offset = 0; offset < 60_000; offset++) {
      ByteBuffer key = key(random.nextInt(20_000));

      assertThat(latest.put(key, offset)).as("seed %d", seed).isTrue();

      expected.put(key, offset);
    }

    expected.forEach(
        (key, offset) -> assertThat(latest.latest(key)).as("seed %d", seed).isEqualTo(offset));
    assertThat(latest.latest(key(20_000))).isEqualTo(LatestOffsets.NONE);
  }

  @Test
  void withoutRoomANewKeyIsRefusedAndAKnownOneIsNot() {
    LatestOffsets latest = new LatestOffsets(8 * LatestOffsets.SLOT_BYTES);
    for (int i = 0; i < 6; i++) {
      assertThat(latest.put(key(i), i)).isTrue();
    }

    assertThat(latest.put(key(6), 6)).isFalse();

    assertThat(latest.put(key(3), 7)).isTrue();
    assertThat(latest.latest(key(3))).isEqualTo(7);
    assertThat(latest.latest(key(6))).isEqualTo(LatestOffsets.NONE);
  }

  private static ByteBuffer key(int number) {
    return ByteBuffer.wrap(new byte[4]).putInt(0, number).asReadOnlyBuffer();
  }
}
