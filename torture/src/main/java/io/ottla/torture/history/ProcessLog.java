package io.ottla.torture.history;

import java.util.Arrays;

/**
 * The events of one client process and what became of them: 13 bytes each. Guarded by itself.
 *
 * <p>An event begins as unknown. An answer makes it acked or failed; acked stays, whatever comes
 * later.
 */
final class ProcessLog {
  static final byte UNKNOWN = 0;
  static final byte FAILED = 1;
  static final byte ACKED = 2;

  private static final int STATE = 3;
  private static final int SEEN = 4;
  private static final int SEEN_AT_THE_END = 8;
  private static final int NOWHERE = -1;

  private int count;
  private byte[] flags = new byte[64];
  private int[] places = new int[64];
  private long[] offsets = new long[64];

  /** The number of a new event. */
  synchronized int add() {
    if (count == flags.length) {
      int longer = count * 2;
      flags = Arrays.copyOf(flags, longer);
      places = Arrays.copyOf(places, longer);
      offsets = Arrays.copyOf(offsets, longer);
    }
    places[count] = NOWHERE;
    offsets[count] = NOWHERE;
    return count++;
  }

  synchronized int count() {
    return count;
  }

  /** How many of its events are in that state. */
  synchronized long count(byte state) {
    long found = 0;
    for (int i = 0; i < count; i++) {
      found += state(i) == state ? 1 : 0;
    }
    return found;
  }

  synchronized byte state(int event) {
    return (byte) (flags[event] & STATE);
  }

  synchronized boolean isSeen(int event) {
    return (flags[event] & SEEN) != 0;
  }

  synchronized boolean isSeenAtTheEnd(int event) {
    return (flags[event] & SEEN_AT_THE_END) != 0;
  }

  /** The number of the place where it is; −1 if nobody has said. */
  synchronized int place(int event) {
    return places[event];
  }

  synchronized long offset(int event) {
    return offsets[event];
  }

  synchronized void fail(int event) {
    if (state(event) == UNKNOWN) {
      flags[event] |= FAILED;
    }
  }

  /** It was acked, there if the answer said so. False if it was known to be somewhere else. */
  synchronized boolean ack(int event, int place, long offset) {
    flags[event] = (byte) ((flags[event] & ~STATE) | ACKED);
    return offset < 0 || settle(event, place, offset);
  }

  /** What a reader's sight of an event adds to what was known. */
  enum Sight {
    FINE,
    MOVED,
    AGAIN
  }

  /** A reader sees it there. */
  synchronized Sight see(int event, int place, long offset, boolean atTheEnd) {
    boolean before = isSeen(event);
    boolean same = settle(event, place, offset);
    if (same) {
      flags[event] |= (byte) (atTheEnd ? SEEN | SEEN_AT_THE_END : SEEN);
      return Sight.FINE;
    }
    return before ? Sight.AGAIN : Sight.MOVED;
  }

  private boolean settle(int event, int place, long offset) {
    if (offsets[event] == NOWHERE) {
      places[event] = place;
      offsets[event] = offset;
      return true;
    }
    return places[event] == place && offsets[event] == offset;
  }
}
