package io.ottla.server;

import io.ottla.server.GroupHistory.Commit;
import io.ottla.server.GroupHistory.Outcome;
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
  private final List<Lowering> lowerings;
  private final List<Shown> shown;
  private final Map<Integer, List<Row>> rows = new HashMap<>();

  /** A partition's commit as it was shown once. */
  private record Row(Span time, long offset) {}

  /** A commit of explicit offsets, in force from some moment of the time on. */
  private record Lowering(Span time, Map<Integer, Long> asked) {
    boolean mayLower(int partition, Row row, long until) {
      return asked.containsKey(partition) && time.from() <= until && time.to() >= row.time().from();
    }
  }

  CommitFloors(List<Commit> commits, List<Shown> shown, List<Span> unsettled) {
    this.lowerings =
        commits.stream()
            .filter(commit -> commit.outcome() != Outcome.FAILED && !commit.asked().isEmpty())
            .map(commit -> lowering(commit, unsettled))
            .toList();
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

  /** What was not answered is decided at the latest when a restart is over. */
  private static Lowering lowering(Commit commit, List<Span> unsettled) {
    long end = commit.time().to();
    if (commit.outcome() == Outcome.UNKNOWN) {
      long asked = end;
      end =
          unsettled.stream()
              .mapToLong(Span::to)
              .filter(settledAt -> settledAt >= asked)
              .min()
              .orElse(Long.MAX_VALUE);
    }
    return new Lowering(new Span(commit.time().from(), end), commit.asked());
  }

  /**
   * The lowest offset that the partition's commit can have had at every moment from {@code from} to
   * {@code until}; 0 if nothing is known.
   */
  long floor(int partition, long from, long until) {
    long floor = 0;
    for (Row row : rows.getOrDefault(partition, List.of())) {
      if (row.time().to() >= from) {
        break;
      }
      if (row.offset() > floor) {
        floor = Math.max(floor, lowered(row, partition, until));
      }
    }
    return floor;
  }

  private long lowered(Row row, int partition, long until) {
    return lowerings.stream()
        .filter(lowering -> lowering.mayLower(partition, row, until))
        .mapToLong(lowering -> lowering.asked().get(partition))
        .reduce(row.offset(), Math::min);
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
