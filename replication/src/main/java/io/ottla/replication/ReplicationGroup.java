package io.ottla.replication;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A replicated group as its users see it: who leads, and a way to append. Thread-safe. */
public interface ReplicationGroup {
  /**
   * Its number in the cluster: 0 is the metadata group, k from 1 the data group that prefers broker
   * k.
   */
  int number();

  /**
   * The leader that accepts entries now; empty while there is none or while it still applies what
   * older terms left. Never blocks.
   */
  Optional<Leadership> leadership();

  /**
   * Appends one entry through the leader of {@code term}.
   *
   * @param term the term of the {@link #leadership} that the caller decided under; refused if it is
   *     no longer the current one
   * @param payload at most {@link #MAX_PAYLOAD_BYTES}; its bytes must never change again, even
   *     after the answer: the journal's memory holds on to them for followers that lag
   * @return completes with one of {@link Outcome}'s cases, never exceptionally, on a thread that
   *     must not be blocked
   */
  CompletableFuture<Outcome> submit(long term, ByteBuffer payload);

  /**
   * Calls {@code listener} after every change of {@link #leadership}, on a thread that must not be
   * blocked.
   */
  void onLeadershipChange(Runnable listener);

  /** The largest payload that fits an entry. */
  int MAX_PAYLOAD_BYTES = 3_800_000;

  /**
   * Who leads.
   *
   * @param brokerId the leader's broker
   * @param term its term, which never goes back
   */
  record Leadership(int brokerId, long term) {}

  /** What became of an entry. */
  sealed interface Outcome {
    /** A majority has it on disk and the leader has applied it. */
    record Applied(long index, ByteBuffer result) implements Outcome {}

    /** It was not and will not be appended. */
    record NotAppended(String reason) implements Outcome {}

    /** It may have been appended, or may yet be. */
    record Unknown(String reason) implements Outcome {}
  }
}
