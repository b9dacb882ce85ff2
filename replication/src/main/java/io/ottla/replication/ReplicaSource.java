package io.ottla.replication;

import io.ottla.replication.ReplicatedState.PinnedFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Another broker's newest checkpoint, kept whole while a replica is rebuilt from it. One owner at a
 * time; closing it lets go.
 */
interface ReplicaSource extends AutoCloseable {
  Checkpoint checkpoint();

  /** The leader's term when it was pinned. */
  long term();

  /** The broker that leads. */
  int brokerId();

  /**
   * Reads a file that the checkpoint names.
   *
   * @return the bytes read, 0 at the end
   * @throws java.nio.file.NoSuchFileException when it is gone: a newer checkpoint must be taken
   */
  int read(PinnedFile file, ByteBuffer target, long positionBytes) throws IOException;

  @Override
  void close();
}
