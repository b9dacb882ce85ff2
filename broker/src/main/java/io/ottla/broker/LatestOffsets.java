package io.ottla.broker;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The latest offset of each key, in bounded memory: open addressing over 128 bits of the key's
 * SHA-256, so that nobody can make two keys meet. One owner.
 *
 * <p>24 bytes per slot; a table that is three quarters full grows to twice its size, up to its
 * bound.
 */
final class LatestOffsets {
  static final int SLOT_BYTES = 3 * Long.BYTES;

  /** What {@link #latest} says of a key that was never put. */
  static final long NONE = -1;

  private static final int FIRST_SLOTS = 1024;

  private final MessageDigest digest;
  private final int maxKeys;

  /** Per slot the hash's two halves and the offset + 1, 0 where nothing is. */
  private long[] slots;

  private int keys;

  /**
   * An empty one.
   *
   * @param maxBytes what the table may take once it is full
   */
  LatestOffsets(int maxBytes) {
    int maxSlots = Integer.highestOneBit(Math.max(2, maxBytes / SLOT_BYTES));
    this.maxKeys = usableOf(maxSlots);
    this.slots = new long[3 * Math.min(FIRST_SLOTS, maxSlots)];
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has it", e);
    }
  }

  /**
   * Notes the key's offset, which is above all before.
   *
   * @return false if there is no room for one more key: nothing is noted
   */
  boolean put(ByteBuffer key, long offset) {
    ByteBuffer hash = hash(key);
    long high = hash.getLong();
    long low = hash.getLong();
    int slot = slotOf(high, low);
    if (slots[slot + 2] == 0) {
      if (keys == maxKeys) {
        return false;
      }
      if (keys == usableOf(slots.length / 3)) {
        grow();
        slot = slotOf(high, low);
      }
      keys++;
      slots[slot] = high;
      slots[slot + 1] = low;
    }
    slots[slot + 2] = offset + 1;
    return true;
  }

  /** The key's latest offset, or {@link #NONE}. */
  long latest(ByteBuffer key) {
    ByteBuffer hash = hash(key);
    return slots[slotOf(hash.getLong(), hash.getLong()) + 2] - 1;
  }

  private static int usableOf(int slotCount) {
    return Math.max(1, slotCount / 4 * 3);
  }

  private ByteBuffer hash(ByteBuffer key) {
    digest.update(key.duplicate());
    return ByteBuffer.wrap(digest.digest());
  }

  /** Where that hash is, or where it would be put. */
  private int slotOf(long high, long low) {
    int slotCount = slots.length / 3;
    int slot = (int) low & (slotCount - 1);
    while (true) {
      int at = 3 * slot;
      if (slots[at + 2] == 0 || (slots[at] == high && slots[at + 1] == low)) {
        return at;
      }
      slot = (slot + 1) & (slotCount - 1);
    }
  }

  private void grow() {
    long[] old = slots;
    slots = new long[old.length * 2];
    for (int at = 0; at < old.length; at += 3) {
      if (old[at + 2] != 0) {
        System.arraycopy(old, at, slots, slotOf(old[at], old[at + 1]), 3);
      }
    }
  }
}
