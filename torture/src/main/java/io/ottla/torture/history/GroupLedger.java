package io.ottla.torture.history;

import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the members of one group were given, and what they committed: nobody owns a partition beside
 * another, nobody commits what another owns, and no commit goes back. Its members commit by cursor
 * only, so commits only grow. Thread-safe.
 */
public final class GroupLedger {
  private final String group;
  private final Findings findings;

  /** Per partition, generation to owner. */
  private final Map<Integer, NavigableMap<Integer, Owner>> owners = new HashMap<>();

  private final Map<Integer, Long> floors = new TreeMap<>();
  private final Map<Integer, Long> attempted = new HashMap<>();
  private long commits;

  /** Who owns a partition, and since when a client has known it (nanoTime). */
  private record Owner(long consumer, long knownAtNanos) {}

  /**
   * A commit that is to be sent.
   *
   * @param generation of the answer whose cursor it names
   * @param given per partition that the answer gave events of, the offset behind them
   * @param reached the same for all answers that the consumer ever got: the cursor may hold more
   *     than its answer
   */
  public record Commit(
      long consumer,
      int generation,
      Map<Integer, Long> given,
      Map<Integer, Long> reached,
      long sentAtNanos) {}

  public GroupLedger(String group, Findings findings) {
    this.group = group;
    this.findings = findings;
  }

  public String group() {
    return group;
  }

  /** An answer told a consumer what it owns. */
  public synchronized void owns(
      long consumer, int generation, Set<Integer> partitions, long atNanos) {
    for (int partition : partitions) {
      Owner owner = new Owner(consumer, atNanos);
      Owner other =
          owners.computeIfAbsent(partition, _ -> new TreeMap<>()).putIfAbsent(generation, owner);
      if (other != null && other.consumer() != consumer) {
        findings.add(
            Anomaly.OVERLAP,
            "%s: partition %d in generation %d belongs to %d and to %d"
                .formatted(group, partition, generation, other.consumer(), consumer));
      }
    }
  }

  /** The highest offset that somebody has tried to commit: no member begins behind it. */
  public synchronized long highestAttempted(int partition) {
    return attempted.getOrDefault(partition, 0L);
  }

  /** A commit is about to be sent. */
  public synchronized void attempted(Commit commit) {
    commit.given().forEach((partition, offset) -> attempted.merge(partition, offset, Math::max));
    commit.reached().forEach((partition, offset) -> attempted.merge(partition, offset, Math::max));
  }

  /** A commit was acked; what its answer shows. */
  public synchronized void acked(Commit commit, Map<Integer, Long> shown) {
    commits++;
    for (int partition : commit.given().keySet()) {
      if (shown.containsKey(partition)) {
        findZombie(commit, partition);
      }
    }
    commit
        .given()
        .forEach(
            (partition, offset) -> {
              if (shown.getOrDefault(partition, -1L) < offset) {
                back(partition, offset, shown.get(partition));
              }
            });
    shown.forEach((partition, offset) -> floors.merge(partition, offset, Math::max));
  }

  private void findZombie(Commit commit, int partition) {
    owners
        .getOrDefault(partition, new TreeMap<>())
        .tailMap(commit.generation(), false)
        .forEach(
            (generation, owner) -> {
              if (owner.consumer() != commit.consumer()
                  && owner.knownAtNanos() < commit.sentAtNanos()) {
                findings.add(
                    Anomaly.ZOMBIE_COMMIT,
                    "%s: %d committed partition %d by generation %d, and %d owned it in %d"
                        .formatted(
                            group,
                            commit.consumer(),
                            partition,
                            commit.generation(),
                            owner.consumer(),
                            generation));
              }
            });
  }

  /** What every look that is sent from now on must show at least. */
  public synchronized Map<Integer, Long> floors() {
    return Map.copyOf(floors);
  }

  /** Somebody looked; {@code floors} is from before. */
  public synchronized void looked(Map<Integer, Long> floorsBefore, Map<Integer, Long> shown) {
    floorsBefore.forEach(
        (partition, floor) -> {
          if (shown.getOrDefault(partition, -1L) < floor) {
            back(partition, floor, shown.get(partition));
          }
        });
  }

  private void back(int partition, long floor, Long shown) {
    findings.add(
        Anomaly.COMMIT_LOST_OR_BACK,
        "%s: partition %d was committed at %d and shows %s"
            .formatted(group, partition, floor, shown));
  }

  public synchronized long commitCount() {
    return commits;
  }
}
