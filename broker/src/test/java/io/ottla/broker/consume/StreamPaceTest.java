package io.ottla.broker.consume;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class StreamPaceTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  @Test
  void theMorePartsTheLongerStreamsGatherButNeverForLong() {
    assertThat(StreamPace.gatherNanos(0, SECOND)).isZero();
    assertThat(Duration.ofNanos(StreamPace.gatherNanos(400, SECOND)))
        .isLessThan(Duration.ofNanos(200_000));
    assertThat(StreamPace.gatherNanos(10_000, SECOND)).isBetween(2_000_000L, 3_000_000L);
    assertThat(StreamPace.gatherNanos(1_000_000, SECOND)).isEqualTo(5_000_000);
  }
}
