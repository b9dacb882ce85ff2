package io.ottla.broker.store;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The producers of which a data group has forgotten everything, so that nothing of theirs is
 * appended any more. Ids are never reused and mostly expire one after the other, so they are kept
 * as ranges: there are at most as many as producers that are in use, and one. The group's apply
 * thread changes it.
 */
final class ExpiredProducers {
  /** First id to last id, inclusive; ranges neither overlap nor touch. */
  private final TreeMap<Long, Long> ranges;

  ExpiredProducers() {
    this(new TreeMap<>());
  }

  private ExpiredProducers(SortedMap<Long, Long> ranges) {
    this.ranges = new TreeMap<>(ranges);
  }

  boolean contains(long id) {
    Map.Entry<Long, Long> range = ranges.floorEntry(id);
    return range != null && id <= range.getValue();
  }

  void add(long id) {
    if (contains(id)) {
      return;
    }
    Map.Entry<Long, Long> below = ranges.floorEntry(id);
    long first = below != null && below.getValue() == id - 1 ? below.getKey() : id;
    Long lastAbove = ranges.remove(id + 1);
    ranges.put(first, lastAbove == null ? id : lastAbove);
  }

  ExpiredProducers copy() {
    return new ExpiredProducers(ranges);
  }

  boolean isEmpty() {
    return ranges.isEmpty();
  }

  void writeTo(DataOutputStream out) throws IOException {
    out.writeInt(ranges.size());
    for (Map.Entry<Long, Long> range : ranges.entrySet()) {
      out.writeLong(range.getKey());
      out.writeLong(range.getValue());
    }
  }

  static ExpiredProducers readFrom(DataInputStream in) throws IOException {
    ExpiredProducers expired = new ExpiredProducers();
    int count = in.readInt();
    long lastOfAll = Long.MIN_VALUE;
    for (int i = 0; i < count; i++) {
      long first = in.readLong();
      long last = in.readLong();
      if (last < first || first <= lastOfAll) {
        throw new CorruptEntryException("expired producers are not in order: first=" + first);
      }
      expired.ranges.put(first, last);
      lastOfAll = last;
    }
    return expired;
  }
}
