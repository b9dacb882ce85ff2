package io.ottla.replication;

import io.ottla.disk.Disk;
import io.ottla.replication.journal.JournalNames;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.impl.BaseStateMachine;

/**
 * A replica's state as its journal knows it: Ratis asks it to force its own data before the journal
 * is forced. That is where the names of the journal's files are.
 */
abstract class JournalledState extends BaseStateMachine {
  private final Disk disk;
  private volatile JournalNames names;

  /** Who writes the journal; null before it has forced anything. */
  private volatile Thread writer;

  private volatile boolean forcesNames;

  JournalledState(Disk disk) {
    this.disk = disk;
  }

  /** Called before the journal is opened. */
  @Override
  public void initialize(RaftServer server, RaftGroupId groupId, RaftStorage storage)
      throws IOException {
    super.initialize(server, groupId, storage);
    names = new JournalNames(disk, storage.getStorageDir().getCurrentDir().toPath());
  }

  /** On the journal's thread, which forces its file when this is done; an Error would end it. */
  @Override
  public CompletableFuture<Void> flush(long index) {
    forcesNames = true;
    writer = Thread.currentThread();
    try {
      names.force();
      return CompletableFuture.completedFuture(null);
    } catch (Throwable e) {
      return CompletableFuture.failedFuture(e);
    } finally {
      forcesNames = false;
    }
  }

  /**
   * Ends the pause of a closed journal's thread, which would look for work only once a second and
   * is waited for. It is interrupted only where it has nothing to do, and nothing comes any more:
   * an interruption in the middle of writing would be a failed disk. For the end of a whole broker.
   */
  void wake(Supplier<RaftLog> journal) {
    Thread writing = writer;
    if (writing != null
        && !forcesNames
        && !journal.get().isOpened()
        && writing.getState() == Thread.State.TIMED_WAITING) {
      writing.interrupt();
    }
  }

  /** Whether nobody writes the journal any more. */
  boolean isWriterGone() {
    Thread writing = writer;
    return writing == null || !writing.isAlive();
  }

  /**
   * The last entry of its journal that is certainly forced; null if it has none.
   *
   * <p>Always true: it is never less than what the journal had when this was called and what may
   * have been acked by then, except what is being cut off; and an entry that was written in the
   * place of another one is not taken for forced because that one was. Ratis lets what it has
   * forced be counted only after its index says so. In its memory an entry may be missing for a
   * moment that the index covers already: it is being added, or has just been cut off. Then the
   * last one that is there counts, which is as good as forced: it lies below.
   *
   * <p>Waits for no lock that is held while something is written (see {@link RaftSettings}).
   *
   * @throws IllegalStateException while the journal is not open
   */
  TermIndex forced(RaftLog journal) {
    JournalNames now = names;
    if (now == null) {
      return null;
    }
    while (true) {
      JournalNames.Cuts cuts = now.cuts();
      TermIndex found = lastUpTo(journal, Math.min(journal.getFlushIndex(), cuts.untouchedUpTo()));
      if (cuts.equals(now.cuts())) {
        return found;
      }
    }
  }

  private static TermIndex lastUpTo(RaftLog journal, long index) {
    TermIndex found = journal.getTermIndex(index);
    if (found == null) {
      TermIndex last = journal.getLastEntryTermIndex();
      // If there is more by now, the entry was being added, or it was purged.
      found = last != null && last.getIndex() <= index ? last : journal.getTermIndex(index);
    }
    return found;
  }

  @Override
  public CompletableFuture<Void> truncate(long index) {
    return names.willCut(index);
  }
}
