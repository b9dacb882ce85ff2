package io.ottla.broker.produce;

import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.broker.produce.ProduceStream.Extent;
import io.ottla.broker.produce.ProduceStream.NumberedEvent;
import io.ottla.broker.store.ProducerClaim.Mark;
import io.ottla.broker.store.SequenceProgress;
import java.util.ArrayList;
import java.util.List;

/**
 * One partition's part of a stream: the events that are not committed yet, and how far it has come.
 * One owner at a time.
 *
 * <h2>Always true</h2>
 *
 * The partition has all the stream's events for it up to {@code mark}, as far as this stream knows;
 * those in {@code waiting} come after.
 */
final class StreamedPartition {
  private final int number;
  private final EventChecksum checksum = new EventChecksum();
  private final ArrayList<NumberedEvent> waiting = new ArrayList<>();
  private Mark mark = Mark.START;
  private Mark markBehindAll = Mark.START;
  private Extent extent = new Extent(-1, -1, 0);

  /** What the partition turned out to have; null as long as nothing else is known. */
  private SequenceProgress known;

  StreamedPartition(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  void add(NumberedEvent event) {
    waiting.add(event);
  }

  boolean hasMore() {
    return !waiting.isEmpty();
  }

  /** The events that wait. */
  List<Event> events() {
    List<Event> events = new ArrayList<>(waiting.size());
    for (int i = 0; i < waiting.size(); i++) {
      events.add(waiting.get(i).event());
    }
    return events;
  }

  /** How far the partition has come. */
  Mark mark() {
    return mark;
  }

  /** How far it will have come once all that waits is appended. */
  Mark markBehindAll() {
    Mark behind = mark;
    for (NumberedEvent event : waiting) {
      behind = checksum.after(behind, event.line(), event.event());
    }
    markBehindAll = behind;
    return behind;
  }

  /** What is committed. */
  Extent extent() {
    return extent;
  }

  /** All that waited is appended, without gaps. */
  void appended(long baseOffset) {
    long first = extent.count() == 0 ? baseOffset : extent.first();
    int count = waiting.size();
    extent = new Extent(first, baseOffset + count - 1, extent.count() + count);
    mark = markBehindAll;
    waiting.clear();
  }

  /**
   * The partition has had more of the sequence than this stream knew.
   *
   * @return false if that cannot be a part of this stream
   */
  boolean learn(SequenceProgress progress) {
    if (progress.mark().line() <= mark.line()) {
      return false;
    }
    known = progress;
    extent = new Extent(progress.firstOffset(), progress.lastOffset(), progress.count());
    return true;
  }

  /**
   * Passes over the events that the partition turned out to have.
   *
   * @return false if it has others
   */
  boolean passOver() {
    int passed = 0;
    while (!isLevel() && passed < waiting.size()) {
      NumberedEvent next = waiting.get(passed++);
      if (next.line() > known.mark().line()) {
        return false;
      }
      mark = checksum.after(mark, next.line(), next.event());
    }
    waiting.subList(0, passed).clear();
    boolean compared = known != null && mark.line() == known.mark().line();
    return !compared || mark.equals(known.mark());
  }

  /** Whether the stream is as far as the partition. */
  boolean isLevel() {
    return known == null || mark.line() >= known.mark().line();
  }
}
