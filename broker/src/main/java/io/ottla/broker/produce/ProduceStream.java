package io.ottla.broker.produce;

import io.ottla.broker.Refusal;
import io.ottla.broker.produce.ProduceRequest.Event;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * The events of one body, appended piece by piece: each piece is committed before the next one is
 * sent, so that events of one partition keep their order. One owner at a time, {@link #check}
 * excepted.
 */
public interface ProduceStream {
  /**
   * One event of the body.
   *
   * @param line its number in the body, from 0; growing, perhaps with gaps, and the same when the
   *     body is sent again
   */
  record NumberedEvent(long line, Event event) {}

  /**
   * What is committed of the body, by this request or by an earlier try of it.
   *
   * @param count of events
   * @param partitions by their numbers; those that have none are not there
   */
  record Progress(long count, SortedMap<Integer, Extent> partitions) {}

  /**
   * What is committed in one partition.
   *
   * @param first the first event's offset
   * @param last the last one's; between them may be others' events
   * @param count of the body's events there
   */
  record Extent(long first, long last, long count) {}

  /** Why the topic does not take this event; null if it does. Any thread. */
  Refusal check(Event event);

  /**
   * Appends the next events and waits until they are committed.
   *
   * @param events at least one, each of which has passed {@link #check}; about 1 MiB, or one event
   * @return why some of them are not committed; {@code appended} says whether any of those may be.
   *     The stream is over then
   */
  Optional<Refusal> append(List<NumberedEvent> events);

  /** The body has ended: why it cannot be what was sent under its sequence before. */
  Optional<Refusal> finish();

  /** What is committed by now. */
  Progress progress();
}
