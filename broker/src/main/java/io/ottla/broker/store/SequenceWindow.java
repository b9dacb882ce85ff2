package io.ottla.broker.store;

import io.ottla.broker.store.SequenceBlock.Item;
import io.ottla.broker.store.SequenceCodec.Before;
import io.ottla.broker.store.SequenceCodec.Reader;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What one partition remembers of one producer: its last sequences, and what became of each.
 *
 * <h2>The memory</h2>
 *
 * <pre>{@code
 * blocks  | closed block | … | closed block |  tail, open: grows at its end
 *    skipped ^ forgotten ones of the first block        lastSequence ^
 * }</pre>
 *
 * Where a block ends follows from the sequences in it, not from when they came, so that replicas
 * come to equal blocks and share them: behind one sequence of 64 or so, once there is a later one.
 * Blocks never change: what changes of them is written anew. The tail grows behind what a snapshot
 * shows of it, and its last sequence is written in place as often as it changes.
 *
 * <h2>Always true</h2>
 *
 * Sequences grow strictly; at most {@link #SEQUENCES} are remembered; all are above the floor. A
 * sequence that was appended is among them or not above the floor: what is neither was never
 * appended here. What is remembered depends on the calls alone, however the blocks are cut.
 *
 * <h2>Threads</h2>
 *
 * The group's apply thread; {@link #lastUsedMs} and {@link #remembered} any thread. A {@link
 * Snapshot} is immutable.
 */
final class SequenceWindow {
  /** How many sequences are remembered. */
  static final int SEQUENCES = 1024;

  /** Before the first sequence was forgotten. */
  static final long NOTHING_FORGOTTEN = -1;

  /** What an empty window takes on the heap, with its place in a map. */
  static final int OVERHEAD_BYTES = 216;

  /** The tail may have one more than is remembered, before the lowest is forgotten. */
  private static final int LARGEST_BLOCK_BYTES = (SEQUENCES + 1) * SequenceCodec.MOST_BYTES;

  private static final long MIXER = 0x9e3779b97f4a7c15L; // 2^64 / golden ratio, odd
  private static final int ONE_OF_64 = 58;
  private static final SequenceBlock[] NO_BLOCKS = {};
  private static final byte[] NO_BYTES = {};

  private final ProducerMemory.Share memory;
  private SequenceBlock[] blocks = NO_BLOCKS;
  private int blocksBytes;

  /** Its last sequence is written over while a stream grows, unless a snapshot shows it. */
  private byte[] tail = NO_BYTES;

  private int tailBytes;
  private int tailCount;

  /** How much of the tail a snapshot may show. */
  private int shownBytes;

  /** How many are remembered. */
  private int count;

  /** How many of the first block are forgotten; fewer than it has. Of the tail none is. */
  private int skipped;

  /** The floor before those were forgotten. */
  private long floorBelow = NOTHING_FORGOTTEN;

  /** The highest sequence that was ever here; the floor if there is none. */
  private long lastSequence = NOTHING_FORGOTTEN;

  /** Of the tail's last one, if the tail has any: where it lies, and what it is told against. */
  private int lastPositionBytes;

  private Before beforeLast = Before.NOTHING;

  /** And what the next one is told against. */
  private long nextOffset;

  private long timestampMs;
  private volatile long lastUsedMs;

  /** {@link #count}, for other threads. */
  private volatile int remembered;

  /** A window at one moment. Immutable: nobody writes to {@code tail} below tailBytes. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Snapshot(
      SequenceBlock[] blocks,
      int skipped,
      byte[] tail,
      int tailBytes,
      int tailCount,
      long floor,
      long lastUsedMs) {

    /**
     *
     *
     * <pre>{@code
     * long lastUsedMs | long floor | short blocks | blocks × block | block tail
     * block   short count | int sizeBytes | bytes                                big-endian
     * }</pre>
     */
    void writeTo(DataOutputStream out) throws IOException {
      out.writeLong(lastUsedMs);
      out.writeLong(floor);
      out.writeShort(blocks.length);
      for (int i = 0; i < blocks.length; i++) {
        SequenceBlock block = i == 0 ? blocks[0].withoutFirst(skipped) : blocks[i];
        write(block.count(), block.bytes(), block.sizeBytes(), out);
      }
      write(tailCount, tail, tailBytes, out);
    }

    private static void write(int count, byte[] bytes, int sizeBytes, DataOutputStream out)
        throws IOException {
      out.writeShort(count);
      out.writeInt(sizeBytes);
      out.write(bytes, 0, sizeBytes);
    }

    static Snapshot readFrom(DataInputStream in) throws IOException {
      long lastUsedMs = in.readLong();
      long floor = in.readLong();
      SequenceBlock[] blocks = new SequenceBlock[in.readUnsignedShort()];
      long below = floor;
      int count = 0;
      for (int i = 0; i < blocks.length; i++) {
        blocks[i] = readBlock(in, below);
        count += blocks[i].count();
        if (blocks[i].count() == 0) {
          throw new CorruptEntryException("window with an empty block: block=" + i);
        }
        below = blocks[i].lastSequence();
      }
      SequenceBlock tail = readBlock(in, below);
      count += tail.count();
      if (count > SEQUENCES) {
        throw new CorruptEntryException("window with an impossible count: count=" + count);
      }
      return new Snapshot(
          blocks, 0, tail.bytes(), tail.sizeBytes(), tail.count(), floor, lastUsedMs);
    }

    private static SequenceBlock readBlock(DataInputStream in, long below) throws IOException {
      int count = in.readUnsignedShort();
      int sizeBytes = in.readInt();
      if (sizeBytes < 0 || sizeBytes > LARGEST_BLOCK_BYTES) {
        throw new CorruptEntryException("block of an impossible size: sizeBytes=" + sizeBytes);
      }
      byte[] bytes = new byte[sizeBytes];
      in.readFully(bytes);
      long last = below;
      Reader reader = new Reader(bytes, bytes.length);
      try {
        for (int i = 0; i < count; i++) {
          if (!reader.next() || reader.sequence() <= last) {
            throw new CorruptEntryException("window is not in order: sequence=" + last);
          }
          last = reader.sequence();
        }
      } catch (BufferUnderflowException e) {
        throw new CorruptEntryException("window is cut short: sequence=" + last, e);
      }
      if (!reader.isAtEnd()) {
        throw new CorruptEntryException("window with a tail: sequence=" + last);
      }
      return new SequenceBlock(bytes, count, last);
    }

    /** As the first version wrote it: seven longs for each sequence. */
    static Snapshot readFromV1(DataInputStream in, ProducerMemory.Share memory) throws IOException {
      SequenceWindow window = new SequenceWindow(memory);
      window.lastUsedMs = in.readLong();
      long floor = in.readLong();
      window.floorBelow = floor;
      window.lastSequence = floor;
      int count = in.readInt();
      if (count < 0 || count > SEQUENCES) {
        throw new CorruptEntryException("window with an impossible count: count=" + count);
      }
      for (int i = 0; i < count; i++) {
        long sequence = in.readLong();
        if (sequence <= window.lastSequence) {
          throw new CorruptEntryException("window is not in order: sequence=" + sequence);
        }
        byte[] progress = new byte[SequenceProgress.BYTES];
        in.readFully(progress);
        window.put(sequence, SequenceProgress.readFrom(ByteBuffer.wrap(progress)));
      }
      return window.snapshot();
    }
  }

  /** A window that remembers nothing. */
  SequenceWindow(ProducerMemory.Share memory) {
    this.memory = memory;
  }

  /** A window as it was. */
  SequenceWindow(Snapshot saved, ProducerMemory.Share memory) {
    this.memory = memory;
    SequenceBlock[] own = saved.blocks.clone();
    count = saved.tailCount - saved.skipped;
    floorBelow = saved.floor;
    lastSequence = saved.floor;
    for (int i = 0; i < own.length; i++) {
      own[i] = memory.shared(own[i]);
      count += own[i].count();
      lastSequence = own[i].lastSequence();
    }
    setBlocks(own);
    skipped = saved.skipped;
    tail = Arrays.copyOf(saved.tail, saved.tailBytes);
    tailBytes = saved.tailBytes;
    tailCount = saved.tailCount;
    Reader reader = new Reader(tail, tailBytes);
    Before before = Before.NOTHING;
    for (int i = 0; i < tailCount; i++) {
      int positionBytes = reader.positionBytes();
      reader.next();
      isLast(positionBytes, before, reader.sequence(), reader.progress());
      before = Before.of(reader.sequence(), reader.progress());
    }
    lastUsedMs = saved.lastUsedMs;
    remembered = count;
  }

  /** How many sequences it remembers. */
  int remembered() {
    return remembered;
  }

  /** When a batch of the producer last came, by the time of its entry. */
  long lastUsedMs() {
    return lastUsedMs;
  }

  /** A batch of the producer came: it is in use. */
  void touch(long nowMs) {
    lastUsedMs = Math.max(lastUsedMs, nowMs);
  }

  /** What it takes on the heap, if it shares nothing. */
  long sizeBytes() {
    return (long) OVERHEAD_BYTES + tail.length + blocksBytes;
  }

  /** Whether nothing can be said of the sequence any more. */
  boolean isForgotten(long sequence) {
    return sequence <= lastSequence && sequence <= floor();
  }

  private long floor() {
    if (skipped == 0) {
      return floorBelow;
    }
    Reader reader = blocks[0].reader();
    for (int i = 0; i < skipped; i++) {
      reader.next();
    }
    return reader.sequence();
  }

  /** What the partition has of the sequence; null if it has nothing or has forgotten. */
  SequenceProgress find(long sequence) {
    if (sequence > lastSequence || isForgotten(sequence)) {
      return null;
    }
    int block = blockOf(sequence);
    Reader reader = block < blocks.length ? blocks[block].reader() : new Reader(tail, tailBytes);
    while (reader.next() && reader.sequence() <= sequence) {
      if (reader.sequence() == sequence) {
        return reader.progress();
      }
    }
    return null;
  }

  /** Remembers what the partition has of the sequence, and may forget the lowest one for it. */
  void put(long sequence, SequenceProgress progress) {
    if (isForgotten(sequence)) {
      throw new IllegalStateException("sequence " + sequence + " is forgotten, floor " + floor());
    }
    if (sequence > lastSequence) {
      append(sequence, progress);
    } else {
      change(new Item(sequence, progress));
    }
    if (count > SEQUENCES) {
      forgetLowest();
    }
    remembered = count;
  }

  /** Forgets all but the last ones, at most {@code keep}; without change if there are no more. */
  void keepLast(int keep) {
    if (count <= keep) {
      return;
    }
    while (blocks.length > 0 && count - (blocks[0].count() - skipped) >= keep) {
      count -= blocks[0].count() - skipped;
      dropFirstBlock();
    }
    if (blocks.length > 0) {
      skipped += count - keep;
      count = keep;
      dropSkipped();
    } else {
      List<Item> items = SequenceBlock.items(new Reader(tail, tailBytes));
      int forgotten = count - keep;
      floorBelow = forgotten == 0 ? floorBelow : items.get(forgotten - 1).sequence();
      rewriteTail(items.subList(forgotten, items.size()));
      tail = Arrays.copyOf(tail, tailBytes);
    }
    remembered = count;
  }

  /** The window as it is now. */
  Snapshot snapshot() {
    shownBytes = tailBytes;
    return new Snapshot(blocks, skipped, tail, tailBytes, tailCount, floor(), lastUsedMs);
  }

  private void append(long sequence, SequenceProgress progress) {
    if (tailCount > 0 && endsBlock(lastSequence)) {
      closeTail();
    }
    Before before =
        tailCount == 0 ? Before.NOTHING : new Before(lastSequence, nextOffset, timestampMs);
    tailCount++;
    count++;
    writeLast(tailBytes, before, sequence, progress);
  }

  /** Writes the tail's last one, in the place of what is behind a position: see {@link #tail}. */
  private void writeLast(
      int positionBytes, Before before, long sequence, SequenceProgress progress) {
    ByteBuffer written = ByteBuffer.allocate(SequenceCodec.MOST_BYTES);
    SequenceCodec.write(before, sequence, progress, written);
    int endBytes = positionBytes + written.position();
    if (endBytes > tail.length || positionBytes < shownBytes) {
      tail = Arrays.copyOf(tail, Math.max(endBytes, positionBytes + positionBytes / 4));
      shownBytes = 0;
    }
    written.flip().get(tail, positionBytes, endBytes - positionBytes);
    tailBytes = endBytes;
    isLast(positionBytes, before, sequence, progress);
  }

  private void isLast(int positionBytes, Before before, long sequence, SequenceProgress progress) {
    lastPositionBytes = positionBytes;
    beforeLast = before;
    lastSequence = sequence;
    nextOffset = progress.lastOffset() + 1;
    timestampMs = progress.timestampMs();
  }

  /** One sequence of 64 or so; of those that somebody has chosen to be none, none. */
  private static boolean endsBlock(long sequence) {
    return (sequence * MIXER) >>> ONE_OF_64 == 0;
  }

  private void closeTail() {
    SequenceBlock[] more = Arrays.copyOf(blocks, blocks.length + 1);
    more[blocks.length] =
        memory.shared(new SequenceBlock(Arrays.copyOf(tail, tailBytes), tailCount, lastSequence));
    setBlocks(more);
    emptyTail();
  }

  private void emptyTail() {
    tail = NO_BYTES;
    tailBytes = 0;
    tailCount = 0;
    shownBytes = 0;
  }

  /** Writes a block anew with one sequence more or another progress. */
  private void change(Item item) {
    int at = blockOf(item.sequence());
    if (at == 0 && skipped > 0) {
      dropSkipped();
    }
    if (at == blocks.length && item.sequence() == lastSequence && tailCount > 0) {
      writeLast(lastPositionBytes, beforeLast, item.sequence(), item.progress());
      return;
    }
    if (at == blocks.length) {
      rewriteTail(SequenceBlock.with(item, SequenceBlock.items(new Reader(tail, tailBytes))));
      return;
    }
    List<Item> items = SequenceBlock.with(item, SequenceBlock.items(blocks[at].reader()));
    count += items.size() - blocks[at].count();
    List<SequenceBlock> changed = new ArrayList<>(Arrays.asList(blocks));
    changed.remove(at);
    changed.addAll(at, cut(items));
    setBlocks(changed.toArray(NO_BLOCKS));
  }

  private void rewriteTail(List<Item> items) {
    count -= tailCount;
    emptyTail();
    items.forEach(item -> append(item.sequence(), item.progress()));
  }

  private List<SequenceBlock> cut(List<Item> items) {
    List<SequenceBlock> cut = new ArrayList<>();
    int first = 0;
    for (int i = 0; i < items.size(); i++) {
      if (endsBlock(items.get(i).sequence()) || i + 1 == items.size()) {
        cut.add(memory.shared(SequenceBlock.of(items.subList(first, i + 1))));
        first = i + 1;
      }
    }
    return cut;
  }

  private void forgetLowest() {
    if (blocks.length == 0) {
      closeTail();
    }
    count--;
    skipped++;
    if (skipped == blocks[0].count()) {
      dropFirstBlock();
    }
  }

  private void dropFirstBlock() {
    floorBelow = blocks[0].lastSequence();
    skipped = 0;
    setBlocks(Arrays.copyOfRange(blocks, 1, blocks.length));
  }

  /** Writes the first block anew without what is forgotten of it. */
  private void dropSkipped() {
    if (skipped > 0) {
      SequenceBlock[] changed = blocks.clone();
      changed[0] = memory.shared(blocks[0].withoutFirst(skipped));
      floorBelow = floor();
      skipped = 0;
      setBlocks(changed);
    }
  }

  private void setBlocks(SequenceBlock[] changed) {
    blocks = changed;
    blocksBytes = 0;
    for (SequenceBlock block : changed) {
      blocksBytes += SequenceBlock.OVERHEAD_BYTES + block.sizeBytes();
    }
  }

  /** The block where the sequence is or would be; as many as there are blocks if in the tail. */
  private int blockOf(long sequence) {
    int at = 0;
    while (at < blocks.length && blocks[at].lastSequence() < sequence) {
      at++;
    }
    return at;
  }
}
