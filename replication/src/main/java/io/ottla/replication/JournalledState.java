package io.ottla.replication;

import io.ottla.disk.Disk;
import io.ottla.replication.journal.JournalNames;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.impl.BaseStateMachine;

/**
 * A replica's state as its journal knows it: Ratis asks it to force its own data before the journal
 * is forced. That is where the names of the journal's files are.
 */
abstract class JournalledState extends BaseStateMachine {
  private final Disk disk;
  private volatile JournalNames names;

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
    try {
      names.force();
      return CompletableFuture.completedFuture(null);
    } catch (Throwable e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /**
   * What is read of the journal's forced part; empty while it is being cut. Always true: an entry
   * that was written in the place of another one is not taken for forced because that one was.
   */
  <T> Optional<T> whileUncut(Supplier<Optional<T>> read) {
    JournalNames now = names;
    if (now == null) {
      return Optional.empty();
    }
    long cuts = now.cutsForced();
    Optional<T> found = cuts == now.cutsAnnounced() ? read.get() : Optional.empty();
    return cuts == now.cutsAnnounced() ? found : Optional.empty();
  }

  @Override
  public CompletableFuture<Void> truncate(long index) {
    return names.willCut();
  }
}
