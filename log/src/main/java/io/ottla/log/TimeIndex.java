package io.ottla.log;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * From which offset on a segment holds records of a time, in memory.
 *
 * <pre>{@code
 * 00000000000000001000.timeindex      entries of 12 bytes, as Kafka writes them
 * long maxTimestamp | int lastOffset - baseOffset        of the batch that first had that time
 * }</pre>
 *
 * <p>Both numbers grow from entry to entry: up to and with that batch no record is later than the
 * entry's time. No checksum: who follows an entry compares it with the batch that it finds.
 *
 * <h2>Threads</h2>
 *
 * One writer appends; any thread reads what {@link #count} says is there.
 */
final class TimeIndex {
  static final int ENTRY_BYTES = 12;

  private volatile long[] timestamps;
  private volatile int[] relativeOffsets;
  private volatile int count;

  TimeIndex() {
    this(0);
  }

  private TimeIndex(int count) {
    this.timestamps = new long[count];
    this.relativeOffsets = new int[count];
    this.count = count;
  }

  int count() {
    return count;
  }

  /** Adds an entry unless its time is not later than the last one's. */
  void append(long timestampMs, int relativeOffset) {
    int at = count;
    if (timestampMs <= (at == 0 ? -1 : timestamps[at - 1])) {
      return;
    }
    if (at == timestamps.length) {
      int length = Math.max(8, at * 2);
      timestamps = Arrays.copyOf(timestamps, length);
      relativeOffsets = Arrays.copyOf(relativeOffsets, length);
    }
    set(at, timestampMs, relativeOffset);
    count = at + 1;
  }

  /** The last entry whose time is before {@code timestampMs}; -1 if there is none. */
  int lastBefore(long timestampMs) {
    int low = 0;
    int high = count - 1;
    long[] source = timestamps;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (source[middle] < timestampMs) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }

  /** The time of the last entry; -1 if there is none. */
  long latestTimestampMs() {
    return count == 0 ? -1 : timestamps[count - 1];
  }

  /** The first entries: those up to an offset, inclusive. */
  TimeIndex cutTo(int lastRelativeOffset) {
    int kept = 0;
    while (kept < count && relativeOffsets[kept] <= lastRelativeOffset) {
      kept++;
    }
    TimeIndex shorter = new TimeIndex(kept);
    shorter.timestamps = Arrays.copyOf(timestamps, kept);
    shorter.relativeOffsets = Arrays.copyOf(relativeOffsets, kept);
    return shorter;
  }

  long timestampMs(int entry) {
    return timestamps[entry];
  }

  int relativeOffset(int entry) {
    return relativeOffsets[entry];
  }

  /** The file's bytes for the first {@code entryCount} entries. */
  ByteBuffer encode(int entryCount) {
    ByteBuffer bytes = ByteBuffer.allocate(entryCount * ENTRY_BYTES);
    for (int i = 0; i < entryCount; i++) {
      bytes.putLong(timestamps[i]).putInt(relativeOffsets[i]);
    }
    return bytes.flip();
  }

  /** The index in a file's bytes; empty if they cannot be one of a segment of that many offsets. */
  static Optional<TimeIndex> decode(byte[] bytes, long offsetCount, long maxTimestampMs) {
    if (bytes.length % ENTRY_BYTES != 0) {
      return Optional.empty();
    }
    ByteBuffer source = ByteBuffer.wrap(bytes);
    TimeIndex index = new TimeIndex(bytes.length / ENTRY_BYTES);
    long previousTimestamp = -1;
    int previousOffset = -1;
    for (int i = 0; i < index.count; i++) {
      long timestampMs = source.getLong();
      int relativeOffset = source.getInt();
      if (timestampMs <= previousTimestamp || relativeOffset <= previousOffset) {
        return Optional.empty();
      }
      index.set(i, timestampMs, relativeOffset);
      previousTimestamp = timestampMs;
      previousOffset = relativeOffset;
    }
    return previousOffset < offsetCount && previousTimestamp <= maxTimestampMs
        ? Optional.of(index)
        : Optional.empty();
  }

  private void set(int entry, long timestampMs, int relativeOffset) {
    timestamps[entry] = timestampMs;
    relativeOffsets[entry] = relativeOffset;
  }
}
