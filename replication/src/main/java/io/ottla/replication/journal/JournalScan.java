package io.ottla.replication.journal;

import io.ottla.disk.Disk;
import io.ottla.disk.Disk.OpenMode;
import io.ottla.disk.DiskFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.ratis.server.protocol.TermIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Judges a journal before its replica may vote. Ratis itself cuts the open file at the first bad
 * entry, committed ones behind it included; a replica that did so could help to elect a leader
 * without them. One owner at a time.
 *
 * <p>Only entries above the checkpoint count: they alone are replayed. Damage up to it is taken out
 * of the journal, so that Ratis never meets it.
 *
 * <p>Damage in the very last entries, with no intact entry behind it, looks like a torn tail: that
 * is found by what was noted (see {@link AckNotes}).
 */
public final class JournalScan {
  /** The largest entry. */
  public static final int ENTRY_LIMIT_BYTES = 4 * 1024 * 1024;

  private static final Logger log = LoggerFactory.getLogger(JournalScan.class);

  private final Disk disk;
  private final TermIndex checkpoint;
  private final JournalMender mender;
  private final List<Segment> segments;

  private JournalScan(
      Disk disk, TermIndex checkpoint, JournalMender mender, List<Segment> segments) {
    this.disk = disk;
    this.checkpoint = checkpoint;
    this.mender = mender;
    this.segments = segments;
  }

  /**
   * Finds out what the journal holds, and whether it has lost entries that were committed.
   *
   * @param journal the directory of the files
   * @param checkpoint the place of the newest whole checkpoint, {@link TermIndex#INITIAL_VALUE} if
   *     there is none
   */
  public static Judged judge(Disk disk, Path journal, TermIndex checkpoint) throws IOException {
    JournalMender mender = new JournalMender(disk, journal);
    mender.finish();
    List<Segment> segments = new ArrayList<>(Segment.list(disk, journal));
    return new JournalScan(disk, checkpoint, mender, segments).judge();
  }

  /** Whether a killed process was mending it: the next judgement goes on with that. */
  public static boolean isHalfMended(Disk disk, Path journal) throws IOException {
    return new JournalMender(disk, journal).isUnfinished();
  }

  /**
   * Forces all files of a journal and its directory: what a killed process wrote without forcing it
   * was read and would count as forced.
   */
  public static void force(Disk disk, Path journal) throws IOException {
    for (Segment segment : Segment.list(disk, journal)) {
      try (DiskFile file = disk.open(segment.path(), OpenMode.READ_WRITE)) {
        file.force();
      }
    }
    disk.forceDirectory(journal);
  }

  private Judged judge() throws IOException {
    if (segments.isEmpty()) {
      return Judged.empty(checkpoint);
    }
    int start = startOfWhatCounts();
    if (start < 0) {
      return Judged.lost(
          "journal begins at "
              + segments.getFirst().first()
              + ", checkpoint ends at "
              + checkpoint.getIndex());
    }
    start -= takeOutDamageBefore(start);
    SegmentWalk walk = SegmentWalk.of(disk, segments.get(start));
    if (walk.next() <= checkpoint.getIndex()) {
      return judgeDamagedStart(walk, start);
    }
    return judgeFrom(walk, start);
  }

  /** The last file that begins at or before the first entry above the checkpoint, or -1. */
  private int startOfWhatCounts() {
    int start = -1;
    while (start + 1 < segments.size()
        && segments.get(start + 1).first() <= checkpoint.getIndex() + 1) {
      start++;
    }
    return start;
  }

  /**
   * Files wholly below serve followers that lag; Ratis reads them, so they must be whole. Returns
   * how many were taken out.
   */
  private int takeOutDamageBefore(int start) throws IOException {
    long next = segments.get(start).first();
    for (int i = start - 1; i >= 0; i--) {
      Segment segment = segments.get(i);
      SegmentWalk walk = SegmentWalk.of(disk, segment);
      if (!walk.isWhole() || walk.next() != next) {
        log.warn(
            "journal is damaged below its checkpoint: file={} entry={} checkpoint={}",
            segment.path(),
            walk.next(),
            checkpoint);
        mender.setAside(segments.subList(0, i + 1));
        segments.subList(0, i + 1).clear();
        return i + 1;
      }
      next = segment.first();
    }
    return 0;
  }

  /** The cut lies at or below the checkpoint: what lies above it must still be there. */
  private Judged judgeDamagedStart(SegmentWalk walk, int start) throws IOException {
    Segment segment = walk.segment;
    long first = checkpoint.getIndex() + 1;
    boolean holdsMore = segment.isOpen() || segment.last() >= first;
    int position = holdsMore ? walk.find(first) : -1;
    if (position >= 0) {
      walk.goOn(position);
      Judged judged = judgeFrom(walk, start);
      if (judged.loss().isEmpty()) {
        mender.rewrite(segment, first, walk.bytes, position, walk.cutPosition());
      }
      return judged;
    }
    if (holdsMore && !segment.isOpen()) {
      return Judged.lost(segment.name() + " is damaged at entry " + first);
    }
    Optional<String> behind = holdsMore ? walk.committedBehind(first) : Optional.empty();
    if (behind.isPresent()) {
      return Judged.lost(behind.get());
    }
    if (start + 1 < segments.size()) {
      return Judged.lost(
          "journal has a gap between " + walk.next() + " and " + segments.get(start + 1).first());
    }
    log.warn(
        "journal is damaged below its checkpoint and holds nothing above: file={} entry={}",
        segment.path(),
        walk.next());
    mender.setAside(segments.stream().filter(s -> s.first() <= segment.first()).toList());
    return Judged.empty(checkpoint);
  }

  /** From this file on every entry counts. */
  private Judged judgeFrom(SegmentWalk walk, int start) throws IOException {
    SegmentWalk now = walk;
    TermIndex end = checkpoint;
    boolean empty = true;
    for (int i = start; ; ) {
      Segment segment = now.segment;
      if (!segment.isOpen() && !now.isWhole()) {
        return Judged.lost(segment.name() + " is damaged at entry " + now.next());
      }
      if (segment.isOpen()) {
        Optional<String> behind = now.committedBehind(now.next());
        if (behind.isPresent()) {
          return Judged.lost(behind.get());
        }
      }
      if (now.last().isPresent()) {
        end = now.last().get();
        empty = false;
      }
      if (++i == segments.size()) {
        return empty ? Judged.empty(checkpoint) : Judged.whole(end);
      }
      if (segments.get(i).first() != now.next()) {
        return Judged.lost(
            "journal has a gap between " + now.next() + " and " + segments.get(i).first());
      }
      now = SegmentWalk.of(disk, segments.get(i));
    }
  }
}
