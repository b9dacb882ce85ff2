package io.ottla.replication.journal;

import io.ottla.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Keeps the names of a journal's files over a power cut. Ratis forces what is in its files, never
 * the directory that they stand in, and it does not force a cut.
 *
 * <h2>Always true</h2>
 *
 * When an entry counts as forced, its file's name has been forced since the file got it. So have
 * the cuts that were made before the entry was written.
 *
 * <h2>Threads</h2>
 *
 * The journal's own thread forces; any thread announces a cut.
 */
public final class JournalNames {
  private final Disk disk;
  private final Path journal;
  private final AtomicLong cutsMade = new AtomicLong();
  private final AtomicReference<Cuts> cuts = new AtomicReference<>(new Cuts(0, List.of()));

  /** Whether the names of the directories above are forced. */
  private boolean placeForced;

  /** The open file whose name is forced; null while there is none. */
  private Path open;

  /**
   * What is known of a journal's cuts at one moment. Immutable; two are equal only if no cut was
   * announced or forced between them.
   *
   * @param forced so many were forced
   * @param pending from which index on, inclusive, each of the later ones takes entries away
   */
  public record Cuts(long forced, List<Long> pending) {
    /**
     * The last index that no pending cut touches. Above it, Ratis' index of what is forced may be
     * that of entries that were cut off, and others may have taken their places in memory.
     */
    public long untouchedUpTo() {
      return pending.stream().mapToLong(from -> from - 1).min().orElse(Long.MAX_VALUE);
    }

    private Cuts announced(long from) {
      List<Long> more = new ArrayList<>(pending);
      more.add(from);
      return new Cuts(forced, List.copyOf(more));
    }

    private Cuts forced(long made) {
      return new Cuts(made, List.copyOf(pending.subList((int) (made - forced), pending.size())));
    }
  }

  /**
   * Nothing of it counts as forced.
   *
   * @param journal the directory of the files
   */
  public JournalNames(Disk disk, Path journal) {
    this.disk = disk;
    this.journal = journal;
  }

  /**
   * To be called before what is written counts as forced. It does something when the open file is
   * another one than before, or when entries were cut off; a look at one name otherwise. A file is
   * renamed when it is closed, and only a cut takes one away that has entries.
   */
  public void force() throws IOException {
    long made = cutsMade.get();
    boolean cut = !cuts.get().pending().isEmpty();
    if (!cut && open != null && disk.exists(open)) {
      return;
    }
    open = null;
    Path newest = null;
    for (Segment segment : Segment.list(disk, journal)) {
      newest = segment.isOpen() ? segment.path() : newest;
    }
    if (cut) {
      JournalScan.force(disk, journal);
    }
    if (placeForced) {
      disk.forceDirectory(journal);
    } else {
      forcePlace(disk, journal);
      placeForced = true;
    }
    open = newest;
    if (cut) {
      cuts.updateAndGet(now -> now.forced(made));
    }
  }

  /** What is known of its cuts now. */
  public Cuts cuts() {
    return cuts.get();
  }

  /** Forces the names in a journal's directory, and its own up to that of its broker's. */
  public static void forcePlace(Disk disk, Path journal) throws IOException {
    Path raft = journal.getParent().getParent();
    disk.forceDirectory(journal);
    disk.forceDirectory(journal.getParent());
    disk.forceDirectory(raft);
    disk.forceDirectory(raft.getParent());
  }

  /**
   * The journal is going to be cut.
   *
   * @param from the first index that goes
   * @return what the journal's thread asks for once it has cut its files; until then, each force
   *     forces all
   */
  public CompletableFuture<Void> willCut(long from) {
    cuts.updateAndGet(now -> now.announced(from));
    return new CompletableFuture<>() {
      @Override
      public Void get() {
        cutsMade.incrementAndGet();
        return null;
      }
    };
  }
}
