package io.ottla.replication.journal;

import io.ottla.disk.Disk;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts right what damage below a whole checkpoint has done to a journal, restartably. One owner at
 * a time, before the replica starts.
 *
 * <h2>On disk</h2>
 *
 * <pre>{@code
 * current/mended-<name of a journal file>   forced; takes the place of all entries before its end
 * aside/…                                   what was taken out last; what was there before goes
 * }</pre>
 */
final class JournalMender {
  private static final Logger log = LoggerFactory.getLogger(JournalMender.class);
  private static final String MENDED = "mended-";

  private final Disk disk;
  private final Path journal;

  /** Whether this judgement has taken something out: it is kept together. */
  private boolean hasTakenOut;

  JournalMender(Disk disk, Path journal) {
    this.disk = disk;
    this.journal = journal;
  }

  /** Whether a killed process has left something to go on with. */
  boolean isUnfinished() throws IOException {
    return disk.list(journal).stream()
        .map(path -> path.getFileName().toString())
        .anyMatch(name -> name.startsWith(MENDED) && !name.endsWith(".tmp"));
  }

  /** Goes on with what a killed process began. */
  void finish() throws IOException {
    for (Path path : disk.list(journal)) {
      String name = path.getFileName().toString();
      if (name.startsWith(MENDED) && !name.endsWith(".tmp")) {
        Path place = journal.resolve(name.substring(MENDED.length()));
        long first = Long.parseLong(name.replaceFirst("\\D+", "").split("-", 2)[0]);
        setAside(Segment.list(disk, journal).stream().filter(s -> s.first() < first).toList());
        disk.rename(path, place);
        disk.forceDirectory(journal);
      }
    }
  }

  /** Replaces a file, and those before it, by its entries from an index on. */
  void rewrite(Segment damaged, long first, byte[] bytes, int position, int end)
      throws IOException {
    ByteArrayOutputStream kept = new ByteArrayOutputStream();
    kept.writeBytes(Entries.MAGIC);
    kept.write(bytes, position, end - position);
    log.warn(
        "journal is damaged below its checkpoint, what is above is kept: file={} from={}",
        damaged.path(),
        first);
    disk.writeDurably(
        journal.resolve(MENDED + Segment.name(first, damaged.last())), kept.toByteArray());
    finish();
  }

  /** Takes files out of the journal. */
  void setAside(List<Segment> segments) throws IOException {
    if (segments.isEmpty()) {
      return;
    }
    Path aside = journal.resolveSibling("aside");
    if (!hasTakenOut) {
      disk.deleteTree(aside);
      hasTakenOut = true;
    }
    disk.createDirectories(aside);
    for (Segment segment : segments) {
      log.warn("journal file set aside: file={} to={}", segment.path(), aside);
      disk.rename(segment.path(), aside.resolve(segment.name()));
    }
    disk.forceDirectory(aside);
    disk.forceDirectory(journal);
    disk.forceDirectory(journal.getParent());
  }
}
