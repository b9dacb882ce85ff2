package io.ottla.cli.consume;

import io.ottla.client.EventLines;
import io.ottla.client.OttlaAdmin;
import io.ottla.client.OttlaException;
import io.ottla.client.OttlaLineReader;
import io.ottla.client.ReadRequest;
import io.ottla.client.TopicPartition;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads as a member of a group and commits what was printed: before each further poll and at the
 * end. One owner at a time; {@link #stop} may be called by any thread.
 */
final class GroupRead {
  private final OttlaLineReader reader;
  private final OttlaAdmin admin;
  private final ReadRequest request;
  private final Printer printer;
  private final Map<TopicPartition, Long> printed = new LinkedHashMap<>();
  private boolean allCommitted = true;
  private EventLines last;
  private volatile boolean stopped;

  GroupRead(OttlaLineReader reader, OttlaAdmin admin, ReadRequest request, Printer printer) {
    this.reader = reader;
    this.admin = admin;
    this.request = request;
    this.printer = printer;
  }

  /**
   * Joins the group, reads until there are enough or, unless it is to follow, nothing more comes,
   * and leaves.
   *
   * @param from where a group without a commit starts
   * @param ends where to stop, by partition, exclusive; null to follow
   * @return whether all that was printed is committed
   */
  boolean run(String group, String from, Map<Integer, Long> ends) throws InterruptedException {
    last = Patience.ask(() -> reader.join(request, group, from));
    try {
      while (print(last.bytes(), ends) || ends == null) {
        commit();
        if (printer.isDone() || stopped) {
          break;
        }
        last = Patience.ask(() -> reader.poll(request, last));
      }
    } finally {
      commit();
      leave();
    }
    return allCommitted;
  }

  /** Ends {@link #run} soon. */
  void stop() {
    stopped = true;
  }

  /** Prints the events before the ends; false if there were none. */
  private boolean print(byte[] lines, Map<Integer, Long> ends) {
    Map<TopicPartition, Long> next = new LinkedHashMap<>();
    for (EventLine event : EventLine.split(lines)) {
      int partition = event.partition();
      boolean wanted =
          ends == null || event.offset() < ends.getOrDefault(partition, Long.MAX_VALUE);
      if (wanted && !printer.isDone()) {
        printer.print(event);
        next.put(new TopicPartition(request.topic(), partition), event.offset() + 1);
      }
    }
    printer.flush();
    // Only what has left this process counts as printed.
    printed.putAll(next);
    return !next.isEmpty();
  }

  private void commit() {
    if (printed.isEmpty()) {
      return;
    }
    try {
      admin.commitOffsets(last.consumerId(), printed);
    } catch (OttlaException e) {
      if (!e.code().equals("not_assigned") || printed.size() == 1) {
        notCommitted(e);
      } else {
        commitEach();
      }
    }
    printed.clear();
  }

  /** Some partitions are another member's by now; the others may still be committed. */
  private void commitEach() {
    printed.forEach(
        (partition, offset) -> {
          try {
            admin.commitOffsets(last.consumerId(), Map.of(partition, offset));
          } catch (OttlaException e) {
            notCommitted(e);
          }
        });
  }

  private void notCommitted(OttlaException e) {
    allCommitted = false;
    printer.say("ottla: not committed: " + e.getMessage() + " (" + e.code() + ")");
  }

  private void leave() {
    try {
      reader.leave(last.consumerId());
    } catch (OttlaException e) {
      printer.say("ottla: the group was not left: " + e.getMessage() + " (" + e.code() + ")");
    }
  }
}
