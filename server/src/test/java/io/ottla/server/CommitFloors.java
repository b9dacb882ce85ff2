package io.ottla.server;

import io.ottla.server.GroupHistory.Commit;
import io.ottla.server.GroupHistory.Shown;
import io.ottla.server.GroupHistory.Span;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Below which offset a partition's commit cannot be at a time: everything that was shown before
 * holds, unless a commit of explicit offsets may have lowered it since. Immutable.
 */
final class CommitFloors {
  private final List<Commit> lowering;
  private final List<Shown> shown;
  private final Map<Integer, List<Row>> rows = new HashMap<>();

  /** A partition's commit as it was shown once. */
  private record Row(Span time, long offset) {}

  CommitFloors(List<Commit> commits, List<Shown> shown) {
    this.lowering = commits.stream().filter(commit -> !commit.asked().isEmpty()).toList();
    this.shown = shown;
    for (Shown one : shown) {
      one.committed()
          .forEach(
              (partition, offset) ->
                  rows.computeIfAbsent(partition, _ -> new ArrayList<>())
                      .add(new Row(one.time(), offset)));
    }
    rows.values().forEach(list -> list.sort(Comparator.comparingLong(row -> row.time().to())));
  }

  /**
   * The lowest offset that the partition's commit can have had at every moment from {@code from} to
   * {@code until}; 0 if nothing is known.
   */
  long floor(int partition, long from, long until) {
    List<Commit> lowerings =
        lowering.stream().filter(commit -> commit.mayLower(partition, 0, until)).toList();
    long floor = 0;
    for (Row row : rows.getOrDefault(partition, List.of())) {
      if (row.time().to() >= from) {
        break;
      }
      if (row.offset() > floor) {
        floor = Math.max(floor, lowered(row, partition, lowerings, until));
      }
    }
    return floor;
  }

  private static long lowered(Row row, int partition, List<Commit> lowerings, long until) {
    long offset = row.offset();
    for (Commit commit : lowerings) {
      if (commit.mayLower(partition, row.time().from(), until)) {
        offset = Math.min(offset, commit.asked().get(partition));
      }
    }
    return offset;
  }

  /** Every answer that showed less than had been shown before. */
  List<String> goneBack() {
    List<String> found = new ArrayList<>();
    for (Shown one : shown) {
      one.committed()
          .forEach(
              (partition, offset) -> {
                long floor = floor(partition, one.time().from(), one.time().to());
                if (offset < floor) {
                  found.add(
                      "commit back: partition %d shows %d after %d was committed"
                          .formatted(partition, offset, floor));
                }
              });
    }
    return found;
  }
}
