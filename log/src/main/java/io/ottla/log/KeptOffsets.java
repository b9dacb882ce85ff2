package io.ottla.log;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Which offsets from a first one on stay when a log is compacted: runs of offsets that stay and
 * that go, in turn. Behind the last run all stay. Immutable.
 *
 * <pre>{@code
 * pairs of varint keptOffsets | varint goingOffsets        zigzag; only the first may be 0
 * }</pre>
 *
 * Offsets without a record belong to the run around them, so there are never more runs than
 * records.
 */
public final class KeptOffsets {
  /** The most that {@link #bytes} may take. */
  public static final int MAX_BYTES = 512 * 1024;

  private static final int LARGEST_PAIR_BYTES = 10;

  private final ByteBuffer runs;

  private KeptOffsets(ByteBuffer runs) {
    this.runs = runs;
  }

  /** What {@link #bytes} gave, not copied; empty if it cannot have given that. */
  public static Optional<KeptOffsets> of(ByteBuffer bytes) {
    if (bytes.remaining() > MAX_BYTES) {
      return Optional.empty();
    }
    KeptOffsets kept = new KeptOffsets(bytes.slice().asReadOnlyBuffer());
    ByteBuffer in = kept.bytes();
    long offsets = 0;
    try {
      while (in.hasRemaining()) {
        boolean first = in.position() == 0;
        long keptRun = Varint.read(in);
        long goingRun = Varint.read(in);
        boolean possible =
            keptRun >= (first ? 0 : 1)
                && goingRun >= 1
                && keptRun <= Integer.MAX_VALUE
                && goingRun <= Integer.MAX_VALUE;
        offsets += keptRun + goingRun;
        if (!possible || offsets > Integer.MAX_VALUE) {
          return Optional.empty();
        }
      }
    } catch (CorruptBatchException e) {
      return Optional.empty();
    }
    return Optional.of(kept);
  }

  /** Read-only, the caller's own. */
  public ByteBuffer bytes() {
    return runs.duplicate();
  }

  /** Answers for growing offsets. One owner. */
  Cursor from(long firstOffset) {
    return new Cursor(bytes(), firstOffset);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KeptOffsets kept && runs.equals(kept.runs);
  }

  @Override
  public int hashCode() {
    return runs.hashCode();
  }

  @Override
  public String toString() {
    return "KeptOffsets[bytes=" + runs.remaining() + "]";
  }

  /** Goes once over a log's offsets. */
  static final class Cursor {
    private final ByteBuffer in;
    private long runNextOffset;
    private boolean keeps;

    private Cursor(ByteBuffer in, long firstOffset) {
      this.in = in;
      this.runNextOffset = firstOffset;
    }

    /**
     * Whether the offset stays.
     *
     * @param offset not below any that was asked for before
     */
    boolean keeps(long offset) {
      while (runNextOffset <= offset) {
        keeps = !keeps;
        runNextOffset = in.hasRemaining() ? runNextOffset + next() : Long.MAX_VALUE;
      }
      return keeps;
    }

    /** Whether all of {@code [offset, nextOffset)} stay. */
    boolean keepsAll(long offset, long nextOffset) {
      return keeps(offset) && runNextOffset >= nextOffset;
    }

    private long next() {
      try {
        return Varint.read(in);
      } catch (CorruptBatchException e) {
        throw new IllegalStateException("checked when it was made", e);
      }
    }
  }

  /** Makes one, offset by offset. One owner. */
  public static final class Builder {
    private final GrowingBytes runs = new GrowingBytes(64, MAX_BYTES);
    private long runOffset;
    private long goingFrom = -1;
    private long goingNext;

    public Builder(long firstOffset) {
      this.runOffset = firstOffset;
    }

    /** The next record stays; its offset is above all before. */
    public void keep(long offset) {
      if (goingFrom >= 0) {
        goingNext = offset;
        endRun();
      }
    }

    /**
     * The next record goes; its offset is above all before.
     *
     * @return false if there is no room to say so: it stays
     */
    public boolean remove(long offset) {
      if (goingFrom < 0) {
        if (!runs.hasRoomFor(LARGEST_PAIR_BYTES)) {
          return false;
        }
        goingFrom = offset;
      }
      goingNext = offset + 1;
      return true;
    }

    /** What was said; the builder is used up. */
    public KeptOffsets build() {
      if (goingFrom >= 0) {
        endRun();
      }
      return new KeptOffsets(runs.view().asReadOnlyBuffer());
    }

    private void endRun() {
      byte[] array = runs.reserve(LARGEST_PAIR_BYTES);
      int at = Varint.put(array, runs.length(), goingFrom - runOffset);
      runs.setLength(Varint.put(array, at, goingNext - goingFrom));
      runOffset = goingNext;
      goingFrom = -1;
    }
  }
}
