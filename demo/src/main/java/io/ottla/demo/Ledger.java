package io.ottla.demo;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the server has promised: which earthquake it holds at which offset. Beside it those whose
 * request ended without a clear answer; they were sent again and may be stored twice. Thread-safe.
 */
final class Ledger {
  private final Map<Integer, Map<Long, Earthquake>> acked = new TreeMap<>();
  private final Set<Integer> inDoubt = new HashSet<>();
  private int count;

  /** An acknowledgement; false if that place was promised to another one already. */
  synchronized boolean acked(Earthquake earthquake, int partition, long offset) {
    count++;
    return acked.computeIfAbsent(partition, p -> new TreeMap<>()).put(offset, earthquake) == null;
  }

  synchronized void inDoubt(Earthquake earthquake) {
    inDoubt.add(earthquake.number());
  }

  synchronized int count() {
    return count;
  }

  synchronized int inDoubtCount() {
    return inDoubt.size();
  }

  /** Offset to earthquake, one partition after the other. */
  synchronized Map<Integer, Map<Long, Earthquake>> byPartition() {
    Map<Integer, Map<Long, Earthquake>> copy = new TreeMap<>();
    acked.forEach((partition, offsets) -> copy.put(partition, new TreeMap<>(offsets)));
    return copy;
  }

  /** The partitions that each key has been seen in. */
  synchronized Map<String, Set<Integer>> partitionsByKey() {
    Map<String, Set<Integer>> partitions = new HashMap<>();
    acked.forEach(
        (partition, offsets) ->
            offsets
                .values()
                .forEach(
                    earthquake ->
                        partitions
                            .computeIfAbsent(earthquake.key(), key -> new HashSet<>())
                            .add(partition)));
    return partitions;
  }

  synchronized boolean isInDoubt(Earthquake earthquake) {
    return inDoubt.contains(earthquake.number());
  }
}
