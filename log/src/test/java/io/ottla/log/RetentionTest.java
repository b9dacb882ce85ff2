package io.ottla.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class RetentionTest {
  private static final int END = 40;
  private static final List<SegmentSummary> SEGMENTS =
      List.of(segment(0, 1_000), segment(10, 2_000), segment(20, 3_000), segment(30, 4_000));

  @Test
  void nothingGoesWithoutALimit() {
    assertThat(trim(new Retention(-1, -1), Long.MAX_VALUE)).isEmpty();
  }

  @Test
  void segmentsGoWhenTheirLastAppendIsTooLongAgo() {
    Retention retention = new Retention(500, -1);

    assertThat(trim(retention, 1_500)).isEmpty();
    assertThat(trim(retention, 1_501)).hasValue(10);
    assertThat(trim(retention, 3_000)).hasValue(20);
    assertThat(trim(retention, 4_500)).hasValue(30);
  }

  @Test
  void theActiveSegmentGoesByTimeToo() {
    assertThat(trim(new Retention(500, -1), 4_501)).hasValue(END);
    assertThat(
            new Retention(500, -1)
                .newStartOffset(
                    List.of(new SegmentSummary(40, 0, 0, 0, -1, 0)), END, at -> 9_999_999 - at))
        .isEmpty();
  }

  @Test
  void whatIsFartherInTheFutureThanTheClockStays() {
    assertThat(trim(new Retention(500, -1), -1_000_000)).isEmpty();
  }

  @Test
  void segmentsGoWhileTheRestHoldsEnough() {
    assertThat(trim(new Retention(-1, 400), 0)).isEmpty();
    assertThat(trim(new Retention(-1, 301), 0)).isEmpty();
    assertThat(trim(new Retention(-1, 300), 0)).hasValue(10);
    assertThat(trim(new Retention(-1, 150), 0)).hasValue(20);
    assertThat(trim(new Retention(-1, 0), 0)).hasValue(30);
  }

  private static OptionalLong trim(Retention retention, long nowMs) {
    return retention.newStartOffset(SEGMENTS, END, at -> nowMs - at);
  }

  private static SegmentSummary segment(long baseOffset, long lastAppendTimeMs) {
    return new SegmentSummary(baseOffset, 0, 100, lastAppendTimeMs, 0, 0);
  }
}
