package io.ottla.http.event;

import io.ottla.broker.consume.PollResult.TopicPartition;
import io.ottla.broker.read.RecordRun;
import io.ottla.http.json.EventJson;
import io.ottla.http.json.JsonBuffer;
import io.ottla.log.StoredRecord;
import java.util.List;

/**
 * A batch's events as JSON, each on a line: made once per batch and shared by all who stream it; of
 * a large batch only those that are asked for, each time. Immutable.
 *
 * <pre>{@code
 * event LF event LF …      ends[i] is the position of the LF behind event firstIndex + i
 * }</pre>
 */
final class EventLines {
  private static final int BYTES_AROUND_EVENT = 128;

  private final byte[] bytes;
  private final int firstIndex;
  private final int[] ends;

  private EventLines(byte[] bytes, int firstIndex, int[] ends) {
    this.bytes = bytes;
    this.firstIndex = firstIndex;
    this.ends = ends;
  }

  /** The lines of the run's events, made now if nobody has made them yet. */
  static EventLines of(RecordRun run, TopicPartition partition) {
    return run.batch().isLarge()
        ? make(run.records(), run.from(), partition)
        : run.batch().form(EventLines.class, batch -> make(batch.records(), 0, partition));
  }

  private static EventLines make(
      List<StoredRecord> records, int firstIndex, TopicPartition partition) {
    int sizeBytes = 0;
    for (StoredRecord record : records) {
      sizeBytes +=
          BYTES_AROUND_EVENT
              + (record.key() == null ? 0 : record.key().remaining())
              + (record.value() == null ? 0 : record.value().remaining());
    }
    JsonBuffer out = new JsonBuffer(sizeBytes);
    byte[] start = EventJson.startOf(partition.topic(), partition.partition());
    int[] ends = new int[records.size()];
    for (int i = 0; i < ends.length; i++) {
      EventJson.writeEventLine(out, start, records.get(i));
      ends[i] = out.lengthBytes();
      out.raw('\n');
    }
    return new EventLines(out.array(), firstIndex, ends);
  }

  /** The bytes that {@link #start} and {@link #end} speak of. */
  byte[] bytes() {
    return bytes;
  }

  /** Where the event at that index of the batch begins. */
  int start(int index) {
    return index == firstIndex ? 0 : ends[index - firstIndex - 1] + 1;
  }

  /** Where it ends: the position of its LF. */
  int end(int index) {
    return ends[index - firstIndex];
  }
}
