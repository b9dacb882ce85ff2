package io.ottla.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A checker that has never gone red proves nothing. */
class HistoryTest {
  private final History history = new History();

  HistoryTest() {
    history.acked("a", 0, 0);
    history.acked("b", 0, 1);
    history.unknown("c");
    history.refused("d");
  }

  @Test
  void acceptsWhatWasTold() {
    assertThat(history.contradictions(read(Map.of(0L, "a", 1L, "b")))).isEmpty();
    assertThat(history.contradictions(read(Map.of(0L, "a", 1L, "b", 2L, "c")))).isEmpty();
  }

  @Test
  void convictsEveryAnomaly() {
    assertThat(only(Map.of(0L, "a"))).startsWith("lost write: b");
    assertThat(only(Map.of(0L, "a", 1L, "b", 2L, "c", 3L, "c"))).startsWith("duplicate: c");
    assertThat(only(Map.of(0L, "a", 1L, "b", 2L, "d"))).startsWith("aborted read: d");
    assertThat(only(Map.of(0L, "a", 1L, "b", 2L, "e"))).startsWith("phantom: e");
    assertThat(only(Map.of(0L, "a", 1L, "b", 3L, "c"))).startsWith("gap: partition 0, 3");
  }

  private String only(Map<Long, String> values) {
    var found = history.contradictions(read(values));
    assertThat(found).hasSize(1);
    return found.getFirst();
  }

  private static Map<Integer, SortedMap<Long, String>> read(Map<Long, String> values) {
    return Map.of(0, new TreeMap<>(values));
  }
}
