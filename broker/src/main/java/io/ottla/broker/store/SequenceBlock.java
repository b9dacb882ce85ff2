package io.ottla.broker.store;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Some sequences of one producer in one partition, lowest first, and what became of each, as {@link
 * SequenceCodec} writes them. Immutable. Blocks with the same bytes are equal, so that the replicas
 * of a process can share one.
 */
final class SequenceBlock {
  /** What a block takes on the heap besides its bytes: itself, the array's head, references. */
  static final int OVERHEAD_BYTES = 64;

  private final byte[] bytes;
  private final int count;
  private final long lastSequence;

  /**
   * A block of these bytes, which become its own.
   *
   * @param count how many sequences they hold, at least 1
   */
  SequenceBlock(byte[] bytes, int count, long lastSequence) {
    this.bytes = bytes;
    this.count = count;
    this.lastSequence = lastSequence;
  }

  /** One sequence of a block. Immutable. */
  record Item(long sequence, SequenceProgress progress) {}

  /** A block of these, which are not empty and in order. */
  static SequenceBlock of(List<Item> items) {
    ByteBuffer out = ByteBuffer.allocate(items.size() * SequenceCodec.MOST_BYTES);
    SequenceCodec.Before before = SequenceCodec.Before.NOTHING;
    for (Item item : items) {
      SequenceCodec.write(before, item.sequence(), item.progress(), out);
      before = SequenceCodec.Before.of(item.sequence(), item.progress());
    }
    byte[] bytes = Arrays.copyOf(out.array(), out.position());
    return new SequenceBlock(bytes, items.size(), items.getLast().sequence());
  }

  /** The same without its lowest ones, fewer than it has. */
  SequenceBlock withoutFirst(int skipped) {
    if (skipped == 0) {
      return this;
    }
    List<Item> items = items(reader());
    return of(items.subList(skipped, items.size()));
  }

  /** What a run holds, from where its reader is. */
  static List<Item> items(SequenceCodec.Reader reader) {
    List<Item> items = new ArrayList<>();
    while (reader.next()) {
      items.add(new Item(reader.sequence(), reader.progress()));
    }
    return items;
  }

  /** The same with one more, or with another progress of one. */
  static List<Item> with(Item item, List<Item> items) {
    int at = 0;
    while (at < items.size() && items.get(at).sequence() < item.sequence()) {
      at++;
    }
    if (at < items.size() && items.get(at).sequence() == item.sequence()) {
      items.set(at, item);
    } else {
      items.add(at, item);
    }
    return items;
  }

  int count() {
    return count;
  }

  long lastSequence() {
    return lastSequence;
  }

  int sizeBytes() {
    return bytes.length;
  }

  /** The bytes themselves, not to be changed. */
  byte[] bytes() {
    return bytes;
  }

  SequenceCodec.Reader reader() {
    return new SequenceCodec.Reader(bytes, bytes.length);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SequenceBlock that
        && count == that.count
        && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }
}
