package io.ottla.cli.consume;

import io.ottla.client.OttlaException;
import io.ottla.client.ReadRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Reads partitions without a consumer: first what is there, merged by the events' times, then, if
 * it is to follow, what comes, as it comes. A partition's own order is always kept.
 */
final class TopicRead {
  private static final Duration LONG_POLL = Duration.ofSeconds(10);
  private static final int QUEUED_ANSWERS = 4;

  private final ReadRequest request;
  private final Printer printer;

  /**
   * A partition, and where what is there ends.
   *
   * @param endOffset exclusive
   */
  record Source(int partition, PartitionSource events, long endOffset) {}

  /** What a partition's thread has to tell: lines, or why there are no more. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Arrival(byte[] lines, RuntimeException failure) {}

  TopicRead(ReadRequest request, Printer printer) {
    this.request = request;
    this.printer = printer;
  }

  /** Prints what is there, the earliest first; of equal times the lowest partition's. */
  void printExisting(List<Source> sources) throws InterruptedException {
    PriorityQueue<Source> next =
        new PriorityQueue<>(
            Comparator.<Source>comparingLong(source -> source.events().current().timestamp())
                .thenComparingInt(Source::partition));
    for (Source source : sources) {
      addIfMore(next, source);
    }
    while (!next.isEmpty() && !printer.isDone()) {
      Source earliest = next.remove();
      printer.print(earliest.events().current());
      addIfMore(next, earliest);
    }
    printer.flush();
  }

  private void addIfMore(PriorityQueue<Source> next, Source source) throws InterruptedException {
    if (!printer.isDone() && source.events().advance(request, source.endOffset())) {
      next.add(source);
    }
  }

  /** Prints what comes, until there are enough. */
  void follow(List<Source> sources) throws InterruptedException {
    BlockingQueue<Arrival> arrivals = new ArrayBlockingQueue<>(QUEUED_ANSWERS);
    List<Thread> threads = new ArrayList<>();
    for (Source source : sources) {
      threads.add(
          Thread.ofVirtual()
              .name("partition-" + source.partition())
              .start(() -> readOn(source, arrivals)));
    }
    try {
      while (!printer.isDone()) {
        Arrival arrival = arrivals.take();
        if (arrival.failure() != null) {
          throw arrival.failure();
        }
        print(arrival.lines());
      }
    } finally {
      threads.forEach(Thread::interrupt);
    }
  }

  private void print(byte[] lines) {
    for (EventLine event : EventLine.split(lines)) {
      if (printer.isDone()) {
        break;
      }
      printer.print(event);
    }
    printer.flush();
  }

  private void readOn(Source source, BlockingQueue<Arrival> arrivals) {
    ReadRequest waiting = request.waiting(LONG_POLL);
    try {
      arrivals.put(new Arrival(source.events().rest(), null));
      while (true) {
        byte[] lines = source.events().fetch(waiting);
        if (lines.length > 0) {
          arrivals.put(new Arrival(lines, null));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (OttlaException e) {
      tell(arrivals, e);
    }
  }

  private static void tell(BlockingQueue<Arrival> arrivals, RuntimeException failure) {
    try {
      arrivals.put(new Arrival(new byte[0], failure));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
