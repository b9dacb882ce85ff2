package io.ottla.broker.store;

import io.ottla.broker.store.DataResult.Appended;
import io.ottla.broker.store.DataResult.Done;
import io.ottla.broker.store.DataResult.InvalidBatch;
import io.ottla.broker.store.DataResult.NoSuchPartition;
import io.ottla.broker.store.DataResult.NotCompacted;
import io.ottla.broker.store.DataResult.ProducerExpired;
import io.ottla.broker.store.DataResult.Sequence;
import io.ottla.broker.store.DataResult.SequenceTooOld;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The result of an entry: one {@link DataResult} per command, in their order. Stateless.
 *
 * <pre>{@code
 * byte version = 1 | int count | count × (byte kind | rest)            big-endian
 * rest of   1 appended          long baseOffset
 *           2 done, 3 no such partition, 4 invalid batch, 5 not compacted,
 *           7 sequence too old, 8 producer expired                          –
 *           6 sequence          SequenceProgress
 * }</pre>
 *
 * It goes from apply to the submitter and is never stored.
 */
public final class DataResults {
  private static final byte VERSION = 1;
  private static final int HEADER_BYTES = 1 + Integer.BYTES;
  private static final int LARGEST_RESULT_BYTES = 1 + SequenceProgress.BYTES;

  private static final byte APPENDED = 1;
  private static final byte DONE = 2;
  private static final byte NO_SUCH_PARTITION = 3;
  private static final byte INVALID_BATCH = 4;
  private static final byte NOT_COMPACTED = 5;
  private static final byte SEQUENCE = 6;
  private static final byte SEQUENCE_TOO_OLD = 7;
  private static final byte PRODUCER_EXPIRED = 8;

  private DataResults() {}

  /** The bytes of a list of results. */
  public static ByteBuffer encode(List<DataResult> results) {
    ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + results.size() * LARGEST_RESULT_BYTES);
    out.put(VERSION).putInt(results.size());
    for (DataResult result : results) {
      switch (result) {
        case Appended(long baseOffset) -> out.put(APPENDED).putLong(baseOffset);
        case Done() -> out.put(DONE);
        case NoSuchPartition() -> out.put(NO_SUCH_PARTITION);
        case InvalidBatch() -> out.put(INVALID_BATCH);
        case NotCompacted() -> out.put(NOT_COMPACTED);
        case Sequence(SequenceProgress progress) -> progress.writeTo(out.put(SEQUENCE));
        case SequenceTooOld() -> out.put(SEQUENCE_TOO_OLD);
        case ProducerExpired() -> out.put(PRODUCER_EXPIRED);
      }
    }
    return out.flip();
  }

  /** The results. */
  public static List<DataResult> decode(ByteBuffer bytes) throws CorruptEntryException {
    ByteBuffer in = bytes.duplicate();
    try {
      byte version = in.get();
      int count = in.getInt();
      if (version != VERSION || count < 0 || count > in.remaining()) {
        throw new CorruptEntryException(
            "results are damaged: version=" + version + " count=" + count);
      }
      List<DataResult> results = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        byte kind = in.get();
        results.add(
            switch (kind) {
              case APPENDED -> new Appended(in.getLong());
              case DONE -> new Done();
              case NO_SUCH_PARTITION -> new NoSuchPartition();
              case INVALID_BATCH -> new InvalidBatch();
              case NOT_COMPACTED -> new NotCompacted();
              case SEQUENCE -> new Sequence(SequenceProgress.readFrom(in));
              case SEQUENCE_TOO_OLD -> new SequenceTooOld();
              case PRODUCER_EXPIRED -> new ProducerExpired();
              default -> throw new CorruptEntryException("result of unknown kind: kind=" + kind);
            });
      }
      if (in.hasRemaining()) {
        throw new CorruptEntryException("results with a tail: bytes=" + in.remaining());
      }
      return results;
    } catch (BufferUnderflowException e) {
      throw new CorruptEntryException("results are cut short", e);
    }
  }
}
