package io.ottla.log;

import java.nio.ByteBuffer;

/** Sets what a batch learns when it is appended. Stateless; each thread has bytes of its own. */
final class BatchPatch {
  /** Direct, so that the file system takes it as it is. */
  private static final ThreadLocal<ByteBuffer> SCRATCH =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(64 * 1024));

  private BatchPatch() {}

  /** Refuses bytes that are not exactly one batch. */
  static void requireWhole(ByteBuffer batch) {
    int sizeBytes;
    try {
      sizeBytes = BatchFormat.sizeBytesAt(batch, batch.position());
    } catch (CorruptBatchException e) {
      throw new IllegalArgumentException("not a batch", e);
    }
    if (sizeBytes != batch.remaining()) {
      throw new IllegalArgumentException(
          "not one batch: sizeBytes=%d of %d".formatted(sizeBytes, batch.remaining()));
    }
  }

  /** A copy of the batch with its base offset and epoch; good until this thread's next call. */
  static ByteBuffer patched(ByteBuffer batch, int sizeBytes, long baseOffset, int leaderEpoch) {
    ByteBuffer scratch = SCRATCH.get();
    if (scratch.capacity() < sizeBytes) {
      scratch = ByteBuffer.allocateDirect(Math.max(sizeBytes, scratch.capacity() * 2));
      SCRATCH.set(scratch);
    }
    scratch.clear().put(0, batch, batch.position(), sizeBytes).limit(sizeBytes);
    scratch.putLong(BatchFormat.BASE_OFFSET, baseOffset);
    scratch.putInt(BatchFormat.LEADER_EPOCH, leaderEpoch);
    return scratch;
  }
}
