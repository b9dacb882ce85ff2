package io.ottla.replication;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a group replicates: a deterministic state machine, one instance per replica.
 *
 * <p>The state after entry i is a pure function of the entries 0..i. {@link #apply}, {@link
 * #capture} and {@link #restore} are called by one thread at a time, the group's apply thread;
 * implementations publish to other threads themselves.
 */
public interface ReplicatedState extends AutoCloseable {
  /**
   * Becomes what the checkpoint says, or empty: files are cut back to it, what it does not name is
   * removed. Called once, before the first {@link #apply}.
   *
   * @param checkpoint the bytes that {@link Capture#state} gave; empty for a fresh replica
   * @throws LostReplicaException when files hold less than the checkpoint promises: the replica
   *     must be rebuilt
   */
  void restore(Optional<byte[]> checkpoint) throws IOException;

  /**
   * Applies the next entry.
   *
   * @return the result for the submitter: its own bytes, at most a few hundred KiB
   * @throws LostReplicaException when its files turn out to be damaged, so that it cannot do what
   *     the other replicas do: it must be rebuilt. Nothing more is applied to it
   * @throws IOException when this replica's disk failed: its broker is failed, the others go on. A
   *     user's mistake is a result, never a throw.
   */
  ByteBuffer apply(Entry entry) throws IOException;

  /**
   * Copies what a checkpoint at this point needs. Fast: the apply thread waits for it; forcing and
   * writing happen elsewhere.
   */
  Capture capture();

  /**
   * Directories, relative to the broker's, that belong to this group alone: a rebuild removes these
   * and puts in their place the directories of the files that the leader's checkpoint names. Those
   * must be its own too. May be asked of an instance that was not restored.
   */
  List<Path> ownedDirectories() throws IOException;

  /**
   * A check for the files of another replica's checkpoint while they are copied to this broker.
   * Asked of an instance that need not have been restored, on the rebuild's thread.
   *
   * @param checkpoint the bytes that the other's {@link Capture#state} gave
   */
  default FileCheck fileCheck(byte[] checkpoint) throws IOException {
    return FileCheck.NONE;
  }

  @Override
  void close() throws IOException;

  /** The state at one index. Used by the checkpoint thread only. */
  interface Capture {
    /** Forces every file and directory that {@link #state} speaks of. */
    void force() throws IOException;

    /** The state's bytes, the same on every replica that captures at the same index. */
    byte[] state();

    /**
     * The files that the state names, relative to the broker's directory, with the bytes of each
     * that count. A rebuild copies exactly these.
     */
    List<PinnedFile> files();

    /**
     * The checkpoint is durable: files that it does not name any more may go. Not called while a
     * rebuild pins an older checkpoint.
     */
    void durable() throws IOException;
  }

  /**
   * The first {@code lengthBytes} of a file; append-only up to there, so they may be copied while
   * the file grows.
   *
   * @param path relative to the broker's directory
   */
  record PinnedFile(Path path, long lengthBytes) {}

  /** The replica's files hold less than its checkpoint promises, or something else. */
  final class LostReplicaException extends IOException {
    private static final long serialVersionUID = 1L;

    public LostReplicaException(String fact) {
      super(fact);
    }
  }
}
