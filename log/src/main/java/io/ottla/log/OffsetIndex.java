package io.ottla.log;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * Where in a segment's file offsets lie: one entry for every few KiB, in memory.
 *
 * <pre>{@code
 * 00000000000000001000.index      entries of 8 bytes, as Kafka writes them
 * int lastOffset - baseOffset | int positionBytes         of one batch
 * }</pre>
 *
 * <p>Both numbers grow from entry to entry. No checksum: who follows an entry compares it with the
 * batch that it finds.
 *
 * <h2>Threads</h2>
 *
 * One writer appends; any thread reads what {@link #count} says is there.
 */
final class OffsetIndex {
  static final int ENTRY_BYTES = 8;

  /** Relative offset and position, in turn. */
  private volatile int[] entries;

  private volatile int count;

  OffsetIndex() {
    this(new int[0]);
  }

  private OffsetIndex(int[] entries) {
    this.entries = entries;
    this.count = entries.length / 2;
  }

  int count() {
    return count;
  }

  void append(int relativeOffset, int positionBytes) {
    int at = count * 2;
    int[] target = entries;
    if (at == target.length) {
      target = Arrays.copyOf(target, Math.max(16, at * 2));
    }
    target[at] = relativeOffset;
    target[at + 1] = positionBytes;
    entries = target;
    count = at / 2 + 1;
  }

  /** The last entry at or below a relative offset; -1 if there is none. */
  int floor(long relativeOffset) {
    return floor(relativeOffset, 0);
  }

  /** The last entry at or in front of a position; -1 if there is none. */
  int floorOfPosition(long positionBytes) {
    return floor(positionBytes, 1);
  }

  /** The first entries: those within so many offsets and bytes. */
  OffsetIndex cutTo(long offsetCount, long segmentBytes) {
    int kept = Math.min(floor(offsetCount - 1), floorOfPosition(segmentBytes - 1)) + 1;
    return new OffsetIndex(Arrays.copyOf(entries, kept * 2));
  }

  private int floor(long wanted, int field) {
    int low = 0;
    int high = count - 1;
    int[] source = entries;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (source[middle * 2 + field] <= wanted) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }

  int relativeOffset(int entry) {
    return entries[entry * 2];
  }

  int positionBytes(int entry) {
    return entries[entry * 2 + 1];
  }

  /** The file's bytes for the first {@code entryCount} entries. */
  ByteBuffer encode(int entryCount) {
    ByteBuffer bytes = ByteBuffer.allocate(entryCount * ENTRY_BYTES);
    bytes.asIntBuffer().put(entries, 0, entryCount * 2);
    return bytes;
  }

  /**
   * The index in a file's bytes; empty if they cannot be one of a segment of that many offsets and
   * bytes.
   */
  static Optional<OffsetIndex> decode(byte[] bytes, long offsetCount, long segmentBytes) {
    if (bytes.length % ENTRY_BYTES != 0) {
      return Optional.empty();
    }
    int[] entries = new int[bytes.length / 4];
    ByteBuffer.wrap(bytes).asIntBuffer().get(entries);
    int previousOffset = -1;
    int previousPosition = -1;
    for (int i = 0; i < entries.length; i += 2) {
      if (entries[i] <= previousOffset || entries[i + 1] <= previousPosition) {
        return Optional.empty();
      }
      previousOffset = entries[i];
      previousPosition = entries[i + 1];
    }
    return previousOffset < offsetCount && previousPosition < segmentBytes
        ? Optional.of(new OffsetIndex(entries))
        : Optional.empty();
  }
}
