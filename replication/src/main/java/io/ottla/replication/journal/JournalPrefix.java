package io.ottla.replication.journal;

import io.ottla.disk.Disk;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.ratis.server.protocol.TermIndex;

/**
 * The entries of a journal that follow a checkpoint without a gap, up to the first that is not
 * intact. Looking touches nothing. Immutable.
 */
public final class JournalPrefix {
  private final Disk disk;
  private final TermIndex end;
  private final List<Piece> pieces;
  private final Optional<String> damage;

  /** Entries of one file, which all have one term. */
  private record Piece(Path path, long first, long last, int position, int endPosition) {}

  private JournalPrefix(Disk disk, TermIndex end, List<Piece> pieces, Optional<String> damage) {
    this.disk = disk;
    this.end = end;
    this.pieces = List.copyOf(pieces);
    this.damage = damage;
  }

  /**
   * Looks for them.
   *
   * @param journal the directory of the files; it may be missing
   * @param checkpoint the place of the newest whole checkpoint, {@link TermIndex#INITIAL_VALUE} if
   *     there is none
   */
  public static JournalPrefix find(Disk disk, Path journal, TermIndex checkpoint)
      throws IOException {
    List<Segment> segments = Segment.list(disk, journal);
    List<Piece> pieces = new ArrayList<>();
    TermIndex end = checkpoint;
    long next = checkpoint.getIndex() + 1;
    int at = 0;
    while (at + 1 < segments.size() && segments.get(at + 1).first() <= next) {
      at++;
    }
    Optional<String> damage = Optional.empty();
    for (; at < segments.size() && damage.isEmpty(); at++) {
      Segment segment = segments.get(at);
      if (segment.first() > next) {
        damage = Optional.of("journal has a gap between " + next + " and " + segment.first());
        break;
      }
      SegmentWalk walk = SegmentWalk.of(disk, segment);
      long first = segment.first();
      int position = Entries.MAGIC.length;
      if (walk.next() < next) {
        // Cut below the checkpoint: what lies above may still be there.
        position = walk.find(next);
        first = next;
        if (position >= 0) {
          walk.goOn(position);
        }
      }
      if (position >= 0 && walk.next() > next) {
        pieces.add(new Piece(segment.path(), first, walk.next() - 1, position, walk.cutPosition()));
        next = walk.next();
        end = walk.last().orElseThrow();
      }
      damage = damageBehind(walk, next);
    }
    return new JournalPrefix(disk, end, pieces, damage);
  }

  /** What shows that more was there; a torn tail shows nothing. */
  private static Optional<String> damageBehind(SegmentWalk walk, long next) {
    Segment segment = walk.segment;
    if (segment.isOpen()) {
      return walk.committedBehind(next);
    }
    return segment.last() < next
        ? Optional.empty()
        : Optional.of(segment.name() + " is damaged at entry " + next);
  }

  /** Its last entry; the checkpoint's place if it holds none. */
  public TermIndex end() {
    return end;
  }

  /** Whether it holds no entry above the checkpoint. */
  public boolean isEmpty() {
    return pieces.isEmpty();
  }

  /** What shows that committed entries are missing behind it. */
  public Optional<String> damage() {
    return damage;
  }

  /**
   * Writes a journal with exactly these entries, and perhaps some that the checkpoint covers.
   *
   * @param journal an empty directory; its names are durable when this returns
   */
  public void write(Path journal) throws IOException {
    for (Piece piece : pieces) {
      ByteArrayOutputStream kept = new ByteArrayOutputStream();
      kept.writeBytes(Entries.MAGIC);
      byte[] bytes = disk.readAll(piece.path());
      kept.write(bytes, piece.position(), piece.endPosition() - piece.position());
      disk.writeDurably(
          journal.resolve(Segment.name(piece.first(), piece.last())), kept.toByteArray());
    }
  }
}
