package io.ottla.replication;

import io.ottla.disk.Disk.OpenMode;
import io.ottla.disk.DiskFile;
import io.ottla.replication.RaftBroker.Config;
import io.ottla.replication.ReplicatedState.PinnedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A source in the same process: reads the other broker's files. One owner at a time. */
final class LocalReplicaSource implements ReplicaSource {
  private static final Logger log = LoggerFactory.getLogger(LocalReplicaSource.class);

  private final Config source;
  private final Checkpoint checkpoint;
  private final Chores.Chore unpin;
  private PinnedFile opened;
  private DiskFile file;

  LocalReplicaSource(Config source, Checkpoint checkpoint, Chores.Chore unpin) {
    this.source = source;
    this.checkpoint = checkpoint;
    this.unpin = unpin;
  }

  @Override
  public Checkpoint checkpoint() {
    return checkpoint;
  }

  @Override
  public int brokerId() {
    return source.brokerId();
  }

  @Override
  public int read(PinnedFile wanted, ByteBuffer target, long positionBytes) throws IOException {
    if (!wanted.equals(opened)) {
      closeFile();
      file = source.disk().open(source.directory().resolve(wanted.path()), OpenMode.READ);
      opened = wanted;
    }
    return file.read(target, positionBytes);
  }

  private void closeFile() throws IOException {
    if (file != null) {
      file.close();
      file = null;
      opened = null;
    }
  }

  @Override
  public void close() {
    try {
      closeFile();
      unpin.run();
    } catch (IOException e) {
      // Its broker has ended: then nothing is pinned any more.
      log.debug("source did not close cleanly: broker={}", source.brokerId(), e);
    }
  }
}
