package io.ottla.torture.history;

import java.util.Arrays;

/**
 * Which event stands at which offset of a partition, from acknowledgements and from reads: 8 bytes
 * per offset. Guarded by itself.
 */
final class PartitionOrder {
  private static final long NOTHING = -1;
  private static final long MAX_OFFSET = 1L << 28;

  private final Place place;
  private final int number;
  private long[] ids = new long[0];
  private long startOffset;

  /**
   * @param number stands for the place in {@link ProcessLog}
   */
  PartitionOrder(Place place, int number) {
    this.place = place;
    this.number = number;
  }

  Place place() {
    return place;
  }

  int number() {
    return number;
  }

  /**
   * Notes the event there.
   *
   * @return the event that stood there already; the same one if nothing contradicts
   */
  synchronized long put(long offset, long id) {
    if (offset < 0 || offset > MAX_OFFSET) {
      throw new IllegalArgumentException(place + ": offset " + offset);
    }
    if (offset >= ids.length) {
      int before = ids.length;
      ids = Arrays.copyOf(ids, (int) Math.max(offset + 1, Math.min(before * 2L, MAX_OFFSET)));
      Arrays.fill(ids, before, ids.length, NOTHING);
    }
    int at = (int) offset;
    if (ids[at] == NOTHING) {
      ids[at] = id;
    }
    return ids[at];
  }

  /**
   * Notes where the partition starts.
   *
   * @return where it was known to start; more than now if the start went back
   */
  synchronized long start(long offset) {
    long before = startOffset;
    startOffset = Math.max(before, offset);
    return before;
  }
}
