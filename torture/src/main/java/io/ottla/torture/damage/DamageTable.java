package io.ottla.torture.damage;

import io.ottla.torture.damage.DamageCase.Done;
import io.ottla.torture.damage.DamageCase.Mode;
import io.ottla.torture.damage.DamageCase.Result;
import io.ottla.torture.run.Run;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Counts what came of which damage to which kind of file. One owner. */
final class DamageTable {
  private final Map<String, int[]> rows = new TreeMap<>();
  private final List<Duration> healed = new ArrayList<>();
  private int total;

  /** A case is over; {@code blamed} are those of its damages that failed. */
  void add(DamageCase done, Result result, List<Done> blamed) {
    for (Done one : done.done()) {
      int column = blamed.contains(one) ? 2 : result instanceof Result.Refused ? 1 : 0;
      rows.computeIfAbsent(row(done.mode(), one), _ -> new int[3])[column]++;
      total++;
    }
    if (result instanceof Result.Healed well) {
      healed.add(well.time());
    }
  }

  private static String row(Mode mode, Done done) {
    return "%-24s  %-22s  %-14s"
        .formatted(
            mode.title(),
            done.target().kind(),
            done.damage().name().toLowerCase(Locale.ROOT).replace('_', ' '));
  }

  int total() {
    return total;
  }

  void print() {
    Run.say(
        "%-24s  %-22s  %-14s %7s %7s %7s", "who", "what", "damage", "well", "refused", "failed");
    rows.forEach((row, counts) -> Run.say("%s %7d %7d %7d", row, counts[0], counts[1], counts[2]));
    List<Duration> sorted = healed.stream().sorted().toList();
    if (!sorted.isEmpty()) {
      Run.say(
          "well again after the start: p50 %.1f s, max %.1f s",
          Run.seconds(sorted.get(sorted.size() / 2)), Run.seconds(sorted.getLast()));
    }
  }
}
