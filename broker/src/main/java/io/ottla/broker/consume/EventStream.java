package io.ottla.broker.consume;

import io.ottla.broker.Answer;
import io.ottla.broker.consume.PollResult.PartitionRecords;
import io.ottla.broker.consume.PollResult.Skipped;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/**
 * Events as they come, without an end. What is read but not taken is one {@link Part}, so a reader
 * that stalls costs no more than that. One owner at a time; any thread may {@link #end} it.
 */
public interface EventStream extends AutoCloseable {
  /**
   * The next events.
   *
   * @param records may be empty: nothing came in time
   * @param ids along the records
   */
  record Part(List<PartitionRecords> records, EventIds ids, List<Skipped> skipped) {
    /** Whether there is nothing to tell. */
    public boolean isEmpty() {
      return records.isEmpty() && skipped.isEmpty();
    }
  }

  /** The consumer that reads; empty if none does. */
  OptionalLong consumerId();

  /**
   * The next events, as soon as there is one, at the latest after {@code maxWait}. Whoever calls
   * this has passed on what it gave before. What passes by itself, as a change of leaders, is
   * waited for; a refusal is the stream's last word.
   */
  Answer<Part> next(Duration maxWait) throws InterruptedException;

  /** Nobody reads it any more: a wait for the next events ends. */
  void end();

  @Override
  void close();
}
