package io.ottla.replication.journal;

import io.ottla.disk.Disk;
import io.ottla.replication.journal.Entries.Found;
import io.ottla.replication.journal.Entries.Wanted;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.ratis.server.protocol.TermIndex;

/**
 * A journal file's entries from its beginning up to the cut: the first place where no intact entry
 * follows. One owner at a time.
 *
 * <p>All entries of a file have one term: Ratis begins a new file with each. So they have one
 * stamp, too.
 */
final class SegmentWalk {
  /** Of an entry with a frame of its own, no less. */
  private static final int LEAST_ENTRY_BYTES = 8;

  /**
   * So many times the file's size is summed at most: where no stamp tells real entries from made up
   * ones, bytes can be made so that an entry seems to begin at each.
   */
  private static final long MOST_SUMMED = 16;

  final Segment segment;
  final byte[] bytes;
  private int cutPosition;
  private long summedBytes;
  private long next;
  private long term;
  private byte envelopeVersion;
  private OptionalLong stamp = OptionalLong.empty();

  private SegmentWalk(Segment segment, byte[] bytes) {
    this.segment = segment;
    this.bytes = bytes;
    this.next = segment.first();
  }

  static SegmentWalk of(Disk disk, Segment segment) throws IOException {
    SegmentWalk walk = new SegmentWalk(segment, disk.readAll(segment.path()));
    if (Entries.startWithMagic(walk.bytes)) {
      walk.goOn(Entries.MAGIC.length);
    }
    return walk;
  }

  /** Walks on from an entry with the index that is {@link #next}. */
  void goOn(int position) {
    cutPosition = position;
    while (true) {
      Optional<Found> found = Entries.at(bytes, cutPosition, Wanted.index(next));
      if (found.isEmpty()) {
        return;
      }
      cutPosition = found.get().nextPosition();
      next++;
      term = found.get().term();
      if (found.get().envelopeVersion() > 0) {
        envelopeVersion = found.get().envelopeVersion();
        stamp = found.get().stamp();
      }
    }
  }

  int cutPosition() {
    return cutPosition;
  }

  /** The index of the first entry that is not intact, or not there. */
  long next() {
    return next;
  }

  /** Whether a closed file holds all that its name says. */
  boolean isWhole() {
    return !segment.isOpen() && next == segment.last() + 1;
  }

  /** The last intact entry before the cut; empty if there is none. */
  Optional<TermIndex> last() {
    return next > segment.first() && term > 0
        ? Optional.of(TermIndex.valueOf(term, next - 1))
        : Optional.empty();
  }

  /**
   * Looks behind the cut for the intact entry with this index; from it on, the walk may go on.
   *
   * @return its position, or -1
   */
  int find(long index) {
    int position = nextFrom(Math.max(cutPosition, 1), wanted(index, index));
    if (position >= 0) {
      next = index;
    }
    return position;
  }

  /** The position of the first intact entry that is wanted, at or behind this one; -1 if none. */
  private int nextFrom(int from, Wanted wanted) {
    for (int position = from; position < bytes.length && summedBytes < mostSummed(); position++) {
      Optional<Found> found =
          bytes[position] == 0 ? Optional.empty() : Entries.beginAt(bytes, position, wanted);
      if (found.isPresent()) {
        summedBytes += found.get().nextPosition() - position;
        if (Entries.isIntact(bytes, position, found.get())) {
          return position;
        }
      }
    }
    return -1;
  }

  private long mostSummed() {
    return MOST_SUMMED * bytes.length;
  }

  private Wanted wanted(long leastIndex, long mostIndex) {
    return term > 0
        ? new Wanted(leastIndex, mostIndex, term, term, stamp)
        : new Wanted(leastIndex, mostIndex, 1, Long.MAX_VALUE, stamp);
  }

  /**
   * Looks behind the cut for an intact entry whose leader knew the cut's entry to be committed.
   *
   * <p>A client's payload may hold bytes that look like an entry. They do not have the stamp of the
   * entries before the cut. Where there is none before it, what lies within the damaged entry, by
   * its own length, proves nothing.
   */
  Optional<String> committedBehind(long cutIndex) {
    long mostIndex = cutIndex + (bytes.length - cutPosition) / LEAST_ENTRY_BYTES + 1;
    Wanted wanted = wanted(cutIndex + 1, mostIndex);
    boolean unstamped = stamp.isEmpty() && envelopeVersion == 0;
    int position =
        unstamped && cutPosition > 0 ? Entries.plausibleEnd(bytes, cutPosition) : cutPosition;
    while ((position = nextFrom(position, wanted)) >= 0) {
      Found entry = Entries.beginAt(bytes, position, wanted).orElseThrow();
      if (entry.envelopeVersion() >= envelopeVersion
          && entry.commitIndex() >= cutIndex
          && entry.commitIndex() < entry.index()) {
        return Optional.of(
            "entry " + cutIndex + " is damaged and was committed, says entry " + entry.index());
      }
      position = entry.nextPosition();
    }
    return Optional.empty();
  }
}
