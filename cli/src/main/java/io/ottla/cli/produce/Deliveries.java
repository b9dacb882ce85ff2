package io.ottla.cli.produce;

import io.ottla.client.Callback;
import io.ottla.client.OttlaException;
import io.ottla.client.RecordMetadata;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What became of the events that were sent. Thread-safe; the lock guards all fields. */
final class Deliveries implements Callback {
  private final Map<Integer, Range> partitions = new TreeMap<>();
  private long committed;
  private long failed;
  private boolean unsure;
  private OttlaException failure;

  /** The offsets of a partition's events, both inclusive, and how many there are. */
  private record Range(long first, long last, long count) {
    private Range with(long offset) {
      return new Range(Math.min(first, offset), Math.max(last, offset), count + 1);
    }
  }

  @Override
  public synchronized void onCompletion(RecordMetadata metadata, OttlaException e) {
    if (e == null) {
      committed++;
      long offset = metadata.offset();
      partitions.merge(
          metadata.partition(), new Range(offset, offset, 1), (range, _) -> range.with(offset));
    } else {
      failed++;
      unsure |= e.appended().filter(OttlaException.Appended.UNKNOWN::equals).isPresent();
      failure = failure == null ? e : failure;
    }
  }

  synchronized long committed() {
    return committed;
  }

  /** How many were given up. */
  synchronized long failed() {
    return failed;
  }

  /** Whether some of those may be in the log all the same. */
  synchronized boolean isUnsure() {
    return unsure;
  }

  /** Why the first one was given up; null if none was. */
  synchronized OttlaException failure() {
    return failure;
  }

  /** The committed events by partition, as the server tells of an upload. */
  synchronized String partitionsJson() {
    return partitions.entrySet().stream()
        .map(
            entry ->
                "\"%d\":{\"first\":%d,\"last\":%d,\"count\":%d}"
                    .formatted(
                        entry.getKey(),
                        entry.getValue().first(),
                        entry.getValue().last(),
                        entry.getValue().count()))
        .collect(Collectors.joining(",", "{", "}"));
  }
}
