package io.ottla.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;

/** What writers were told, to be compared with what is read at the end. Thread-safe. */
final class History {
  /** Where an event is. */
  record Place(int partition, long offset) {}

  private final Map<String, Place> acked = new ConcurrentHashMap<>();
  private final Set<String> refused = ConcurrentHashMap.newKeySet();
  private final Set<String> unknown = ConcurrentHashMap.newKeySet();

  void acked(String value, int partition, long offset) {
    acked.put(value, new Place(partition, offset));
  }

  /** Certainly not appended. */
  void refused(String value) {
    refused.add(value);
  }

  /** May have been appended. */
  void unknown(String value) {
    unknown.add(value);
  }

  /** Where the acknowledged values are. */
  Map<String, Place> acked() {
    return Map.copyOf(acked);
  }

  /** What is wrong with a value's being read there, if anything. */
  Optional<String> complaint(String value, Place place) {
    Place told = acked.get(value);
    if (told != null) {
      return told.equals(place)
          ? Optional.empty()
          : Optional.of("inconsistent offset: " + value + " acked at " + told + ", is at " + place);
    }
    if (refused.contains(value)) {
      return Optional.of("aborted read: " + value + " at " + place);
    }
    return unknown.contains(value)
        ? Optional.empty()
        : Optional.of("phantom: " + value + " at " + place);
  }

  int ackedCount() {
    return acked.size();
  }

  int unknownCount() {
    return unknown.size();
  }

  /** Every way in which what was read contradicts what was told. */
  List<String> contradictions(Map<Integer, SortedMap<Long, String>> readByPartition) {
    List<String> found = new ArrayList<>();
    Map<String, Place> read = new HashMap<>();
    readByPartition.forEach(
        (partition, values) -> {
          long expected = values.isEmpty() ? 0 : values.firstKey();
          for (var entry : values.entrySet()) {
            if (entry.getKey() != expected) {
              found.add(
                  "gap: partition " + partition + ", " + entry.getKey() + " after " + expected);
            }
            expected = entry.getKey() + 1;
            Place place = new Place(partition, entry.getKey());
            Place other = read.put(entry.getValue(), place);
            if (other != null) {
              found.add("duplicate: " + entry.getValue() + " at " + other + " and at " + place);
            }
          }
        });
    acked.forEach(
        (value, place) -> {
          if (!place.equals(read.get(value))) {
            found.add("lost write: " + value + " acked at " + place + ", is at " + read.get(value));
          }
        });
    read.forEach(
        (value, place) -> {
          if (!acked.containsKey(value)) {
            complaint(value, place).ifPresent(found::add);
          }
        });
    return found;
  }
}
