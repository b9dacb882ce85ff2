package io.ottla.groups;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Sorted maps that nobody changes any more. An empty one costs nothing: most groups are of one
 * consumer, and most of their maps are empty. Stateless.
 */
final class Frozen {
  private Frozen() {}

  /** A copy of the map. */
  static <K extends Comparable<? super K>, V> SortedMap<K, V> copyOf(Map<K, V> map) {
    return map.isEmpty()
        ? Collections.emptySortedMap()
        : Collections.unmodifiableSortedMap(new TreeMap<>(map));
  }

  /** The map itself, which its owner does not change any more. */
  static <K, V> SortedMap<K, V> of(SortedMap<K, V> map) {
    return map.isEmpty() ? Collections.emptySortedMap() : Collections.unmodifiableSortedMap(map);
  }
}
