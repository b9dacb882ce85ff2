package io.ottla.broker.consume;

/**
 * What names a place in a stream of events, so that reading goes on exactly there: a consumer's
 * cursor, or the next offset of a partition. One owner at a time.
 */
public interface EventIds {
  /** Before the first event; ASCII. */
  byte[] start();

  /**
   * Behind an event, all before it included.
   *
   * @param index of its {@link PollResult.PartitionRecords} among the answer's; never goes back
   * @param nextOffset behind the event
   * @return ASCII; a new array
   */
  byte[] after(int index, long nextOffset);
}
