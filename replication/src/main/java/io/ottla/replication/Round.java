package io.ottla.replication;

import io.ottla.replication.ReplicationGroup.Outcome;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;

/**
 * One submitted entry on its way through the leader. Ratis carries it as the request's message, so
 * that it can be marked where the entry enters the journal. Thread-safe.
 *
 * <p>Unmarked at failure means that nothing was or will be appended: the mark is set under the
 * journal's lock, before the entry gets its index, and not any more once the round is given up.
 */
final class Round implements Message {
  private final long term;
  private final ByteString payload;
  private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
  private final AtomicReference<Fate> fate = new AtomicReference<>(Fate.OPEN);

  /** Decided once: whoever comes first wins. */
  private enum Fate {
    OPEN,
    MARKED,
    GIVEN_UP
  }

  Round(long term, ByteBuffer payload) {
    this.term = term;
    this.payload = UnsafeByteOperations.unsafeWrap(payload);
  }

  long term() {
    return term;
  }

  CompletableFuture<Outcome> outcome() {
    return outcome;
  }

  /** Whether it may enter the journal: not if it has been given up. */
  boolean mark() {
    return fate.compareAndSet(Fate.OPEN, Fate.MARKED);
  }

  void applied(long index, ByteBuffer result) {
    outcome.complete(new Outcome.Applied(index, result));
  }

  /** Completes on a thread of its own: Ratis fails requests while it holds its locks. */
  void failed(String reason) {
    boolean marked = !fate.compareAndSet(Fate.OPEN, Fate.GIVEN_UP) && fate.get() == Fate.MARKED;
    Outcome failure = marked ? new Outcome.Unknown(reason) : new Outcome.NotAppended(reason);
    var _ = outcome.completeAsync(() -> failure, Thread::startVirtualThread);
  }

  @Override
  public ByteString getContent() {
    return payload;
  }
}
