package io.ottla.replication;

import io.ottla.replication.ReplicatedState.PinnedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.ratis.server.protocol.TermIndex;

/**
 * Another broker's newest checkpoint, kept whole while a replica is rebuilt from it. One owner at a
 * time; closing it lets go.
 */
interface ReplicaSource extends AutoCloseable {
  /**
   * What a checkpoint must have to take a replica's place. Immutable.
   *
   * <p>What the replica has acked is counted upon: each entry of its journal that was or will be
   * committed must be in the checkpoint. Let the journal end at entry (t, i) and the checkpoint at
   * (T, c). The last entry of a checkpoint is committed, and with it all before it: they were
   * applied. Let X be an entry of the journal, at index j ≤ i of term s ≤ t, that is committed some
   * day.
   *
   * <ul>
   *   <li>If c ≥ i, then j ≤ c, and at each index there is only one committed entry: X is in the
   *       checkpoint.
   *   <li>If T &gt; t, then T &gt; s. Terms never fall along the committed entries, and (T, c) is
   *       one of them: j &lt; c, and X is in the checkpoint.
   * </ul>
   *
   * Nothing else is asked for: who leads does not matter, nor whether that one is ready. A replica
   * whose journal is gone may have acked more than is known. Only a ready leader can tell what was
   * counted: all of older terms is committed and applied there, and of its own term it counts what
   * it knows to match.
   *
   * @param journalEnd the last entry that the replica can have acked, as far as is known
   * @param lost whether it can have acked more than that
   */
  record Needed(TermIndex journalEnd, boolean lost) {
    boolean isMetBy(TermIndex checkpoint) {
      return checkpoint.getIndex() >= journalEnd.getIndex()
          || checkpoint.getTerm() > journalEnd.getTerm();
    }
  }

  Checkpoint checkpoint();

  /** The broker whose it is. */
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
