package io.ottla.cli.consume;

import io.ottla.cli.terminal.CommandFailure;
import io.ottla.client.EventLines;
import io.ottla.client.OttlaException;
import io.ottla.client.OttlaLineReader;
import io.ottla.client.ReadRequest;
import java.time.Duration;
import java.util.Arrays;

/**
 * One partition's events, read without a consumer, up to an end. Holds the lines of one answer. One
 * owner at a time.
 */
final class PartitionSource {
  private static final int EMPTY_ANSWERS = 30;

  private final OttlaLineReader reader;
  private final int partition;
  private final String from;
  private long nextOffset;
  private byte[] lines = {};
  private int at;
  private EventLine current;

  private PartitionSource(OttlaLineReader reader, int partition, String from, long nextOffset) {
    this.reader = reader;
    this.partition = partition;
    this.from = from;
    this.nextOffset = nextOffset;
  }

  /** From an offset on. */
  static PartitionSource atOffset(OttlaLineReader reader, int partition, long offset) {
    return new PartitionSource(reader, partition, null, offset);
  }

  /** From a time on; where that is the first answer tells. */
  static PartitionSource atTime(OttlaLineReader reader, int partition, String time) {
    return new PartitionSource(reader, partition, time, -1);
  }

  /** The event that {@link #advance} has come to. */
  EventLine current() {
    return current;
  }

  /**
   * Goes to the next event; false if there is none before the end.
   *
   * @param endOffset exclusive
   */
  boolean advance(ReadRequest request, long endOffset) throws InterruptedException {
    int empty = 0;
    while (true) {
      while (at < lines.length) {
        int end = lineEnd();
        current = EventLine.at(lines, at, end);
        if (current.isEvent() && current.offset() >= endOffset) {
          return false;
        }
        at = end + 1;
        if (current.isEvent()) {
          return true;
        }
      }
      if (nextOffset >= endOffset) {
        return false;
      }
      fetch(request);
      empty = lines.length == 0 ? empty + 1 : 0;
      if (empty > EMPTY_ANSWERS) {
        throw CommandFailure.failed(
            "partition " + partition + " has events up to " + endOffset + " but gives none");
      }
    }
  }

  private int lineEnd() {
    int end = at;
    while (lines[end] != '\n') {
      end++;
    }
    return end;
  }

  /** Asks for what follows and returns its lines; {@link #advance} goes through the same. */
  byte[] fetch(ReadRequest request) throws InterruptedException {
    EventLines answer = Patience.ask(() -> read(request));
    nextOffset = answer.nextOffset();
    lines = answer.bytes();
    at = 0;
    return lines;
  }

  /** The lines that were fetched and not gone through: they are beyond the end. */
  byte[] rest() {
    byte[] rest = Arrays.copyOfRange(lines, at, lines.length);
    at = lines.length;
    return rest;
  }

  private EventLines read(ReadRequest request) {
    try {
      return nextOffset < 0
          ? reader.read(request.waiting(Duration.ZERO), partition, from)
          : reader.read(request, partition, nextOffset);
    } catch (OttlaException e) {
      if (e.attributes().get("start_offset") instanceof Long start && start > nextOffset) {
        // Retention was faster than this reader.
        nextOffset = start;
        return reader.read(request, partition, start);
      }
      throw e;
    }
  }
}
