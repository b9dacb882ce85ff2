package io.ottla.broker.store;

import io.ottla.broker.store.ProducerClaim.Mark;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;

/**
 * What one partition remembers of one producer: its last sequences, and what became of each.
 *
 * <h2>The memory</h2>
 *
 * <pre>{@code
 * words   … | sequence, line, checksum, firstOffset, lastOffset, count, timestampMs | …
 *            ^ from: the lowest sequence                                       to: ^
 * }</pre>
 *
 * <h2>Always true</h2>
 *
 * Sequences grow strictly from {@code from} to {@code to}; there are at most {@link #SEQUENCES};
 * all are above {@code floor}. A sequence that was appended is among them or not above {@code
 * floor}: what is neither was never appended here.
 *
 * <h2>Threads</h2>
 *
 * The group's apply thread; {@link #lastUsedMs} any thread. A {@link #snapshot} belongs to whoever
 * takes it: words that it shows are copied before they are changed.
 */
final class SequenceWindow {
  /** How many sequences are remembered. */
  static final int SEQUENCES = 1024;

  /** Before the first sequence was forgotten. */
  static final long NOTHING_FORGOTTEN = -1;

  private static final int STRIDE = 7;
  private static final int FIRST_SLOTS = 4;

  /** Twice what is remembered: the front moves through it, and is moved back once per round. */
  private static final int MOST_SLOTS = 2 * SEQUENCES;

  private long[] words;
  private int from;
  private int to;
  private long floor;
  private volatile long lastUsedMs;

  /** Whether a snapshot shows {@code words}. */
  private boolean shared;

  /** A window at one moment. Immutable: nobody writes to {@code words} between from and to. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Snapshot(long[] words, int from, int to, long floor, long lastUsedMs) {
    void writeTo(DataOutputStream out) throws IOException {
      out.writeLong(lastUsedMs);
      out.writeLong(floor);
      out.writeInt(to - from);
      for (int i = from * STRIDE; i < to * STRIDE; i++) {
        out.writeLong(words[i]);
      }
    }

    static Snapshot readFrom(DataInputStream in) throws IOException {
      long lastUsedMs = in.readLong();
      long floor = in.readLong();
      int count = in.readInt();
      if (count < 0 || count > SEQUENCES) {
        throw new CorruptEntryException("window with an impossible count: count=" + count);
      }
      long[] words = new long[count * STRIDE];
      for (int i = 0; i < words.length; i++) {
        words[i] = in.readLong();
      }
      long below = floor;
      for (int i = 0; i < words.length; i += STRIDE) {
        if (words[i] <= below) {
          throw new CorruptEntryException("window is not in order: sequence=" + words[i]);
        }
        below = words[i];
      }
      return new Snapshot(words, 0, count, floor, lastUsedMs);
    }
  }

  /** A window that remembers nothing. */
  SequenceWindow() {
    words = new long[FIRST_SLOTS * STRIDE];
    floor = NOTHING_FORGOTTEN;
  }

  /** A window as it was. */
  SequenceWindow(Snapshot saved) {
    to = saved.to - saved.from;
    words = new long[Math.max(FIRST_SLOTS, to) * STRIDE];
    System.arraycopy(saved.words, saved.from * STRIDE, words, 0, to * STRIDE);
    floor = saved.floor;
    lastUsedMs = saved.lastUsedMs;
  }

  /** When a batch of the producer last came, by the time of its entry. */
  long lastUsedMs() {
    return lastUsedMs;
  }

  /** A batch of the producer came: it is in use. */
  void touch(long nowMs) {
    lastUsedMs = Math.max(lastUsedMs, nowMs);
  }

  /** Whether nothing can be said of the sequence any more. */
  boolean isForgotten(long sequence) {
    return sequence <= floor;
  }

  /** What the partition has of the sequence; null if it has nothing or has forgotten. */
  SequenceProgress find(long sequence) {
    int slot = slotOf(sequence);
    if (slot == to || sequenceAt(slot) != sequence) {
      return null;
    }
    int at = slot * STRIDE;
    return new SequenceProgress(
        new Mark(words[at + 1], words[at + 2]),
        words[at + 3],
        words[at + 4],
        words[at + 5],
        words[at + 6]);
  }

  /** Remembers what the partition has of the sequence, and may forget the lowest one for it. */
  void put(long sequence, SequenceProgress progress) {
    if (isForgotten(sequence)) {
      throw new IllegalStateException("sequence " + sequence + " is forgotten, floor " + floor);
    }
    int slot = slotOf(sequence);
    boolean known = slot < to && sequenceAt(slot) == sequence;
    if (known || slot < to) {
      own();
    }
    if (!known) {
      slot = insertAt(slot);
      words[slot * STRIDE] = sequence;
    }
    int at = slot * STRIDE;
    words[at + 1] = progress.mark().line();
    words[at + 2] = progress.mark().checksum();
    words[at + 3] = progress.firstOffset();
    words[at + 4] = progress.lastOffset();
    words[at + 5] = progress.count();
    words[at + 6] = progress.timestampMs();
    if (to - from > SEQUENCES) {
      floor = sequenceAt(from);
      from++;
    }
  }

  private long sequenceAt(int slot) {
    return words[slot * STRIDE];
  }

  /** The slot of the first sequence that is not lower; {@code to} if there is none. */
  private int slotOf(long sequence) {
    if (from == to || sequenceAt(to - 1) < sequence) {
      return to;
    }
    int low = from;
    int high = to - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sequenceAt(middle) < sequence) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Makes room at a slot, which may move; says where it is. */
  private int insertAt(int slot) {
    int index = slot - from;
    if (to * STRIDE == words.length) {
      makeRoom();
    }
    int place = from + index;
    System.arraycopy(words, place * STRIDE, words, (place + 1) * STRIDE, (to - place) * STRIDE);
    to++;
    return place;
  }

  private void makeRoom() {
    int count = to - from;
    int slots = Math.min(MOST_SLOTS, Math.max(FIRST_SLOTS, 2 * count));
    long[] moved = new long[slots * STRIDE];
    System.arraycopy(words, from * STRIDE, moved, 0, count * STRIDE);
    words = moved;
    shared = false;
    from = 0;
    to = count;
  }

  private void own() {
    if (shared) {
      words = Arrays.copyOf(words, words.length);
      shared = false;
    }
  }

  /** The window as it is now. */
  Snapshot snapshot() {
    shared = true;
    return new Snapshot(words, from, to, floor, lastUsedMs);
  }
}
