package io.ottla.cli.produce;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TurnsTest {
  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private long nowMs = 1_700_000_000_000L;

  private record Line(int number, int partition, long timestampMs) {}

  @Test
  void linesMergedByTimeAreInTheirOrderWhateverTheClockDoes() {
    Turns turns = new Turns(5, () -> nowMs);
    List<Line> lines = new ArrayList<>();
    Set<Integer> used = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      nowMs += random.nextInt(20) == 0 ? random.nextInt(7) - 2 : 0;
      turns.next();
      lines.add(new Line(i, turns.partition(), turns.timestampMs()));
      used.add(turns.partition());
    }

    List<Line> merged = new ArrayList<>(lines);
    merged.sort(
        Comparator.comparingLong(Line::timestampMs)
            .thenComparingInt(Line::partition)
            .thenComparingInt(Line::number));

    assertThat(merged).as("seed %d", seed).isEqualTo(lines);
    assertThat(used).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
  }

  @Test
  void timesAreTheClocks() {
    Turns turns = new Turns(3, () -> nowMs);
    nowMs += 17;

    turns.next();

    assertThat(turns.timestampMs()).isEqualTo(nowMs);
  }
}
