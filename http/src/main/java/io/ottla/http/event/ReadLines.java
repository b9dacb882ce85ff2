package io.ottla.http.event;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.ottla.broker.consume.FetchResult;
import io.ottla.broker.consume.PollResult;
import io.ottla.broker.consume.PollResult.PartitionRecords;
import io.ottla.broker.consume.PollResult.Skipped;
import io.ottla.broker.consume.PollResult.TopicPartition;
import io.ottla.broker.read.RecordRun;
import io.ottla.http.json.JsonBuffer;
import java.util.List;

/**
 * What was read, one JSON object per line: events, and between them {@code {"cursor":…}} if it is
 * wanted and {@code {"skipped":[…]}} if there is cause.
 */
final class ReadLines {
  private static final int BYTES_AROUND = 1024;

  private ReadLines() {}

  static JsonBuffer fetched(FetchResult result, boolean cursors) {
    var partition = new TopicPartition(result.topic(), result.partition());
    JsonBuffer out = new JsonBuffer(BYTES_AROUND + sizeBytes(result.runs(), partition));
    writeEvents(out, new PartitionRecords(partition, result.runs()));
    if (cursors) {
      writeCursor(out, Long.toString(result.nextOffset()).getBytes(US_ASCII));
    }
    return out;
  }

  static JsonBuffer polled(PollResult result, boolean cursors) {
    int size = BYTES_AROUND + result.cursor().length();
    for (PartitionRecords records : result.records()) {
      size += sizeBytes(records.runs(), records.partition());
    }
    JsonBuffer out = new JsonBuffer(size);
    if (!result.skipped().isEmpty()) {
      writeSkipped(out, result.skipped());
    }
    result.records().forEach(records -> writeEvents(out, records));
    if (cursors) {
      writeCursor(out, result.cursor().getBytes(US_ASCII));
    }
    return out;
  }

  /** Exact, but for what a large batch will take: its lines are made only once, when written. */
  private static int sizeBytes(List<RecordRun> runs, TopicPartition partition) {
    int size = 0;
    for (RecordRun run : runs) {
      if (!run.batch().isLarge()) {
        EventLines lines = EventLines.of(run, partition);
        size += lines.end(run.to() - 1) + 1 - lines.start(run.from());
      }
    }
    return size;
  }

  private static void writeEvents(JsonBuffer out, PartitionRecords records) {
    for (RecordRun run : records.runs()) {
      EventLines lines = EventLines.of(run, records.partition());
      out.raw(lines.bytes(), lines.start(run.from()), lines.end(run.to() - 1) + 1);
    }
  }

  static void writeSkipped(JsonBuffer out, List<Skipped> skipped) {
    ReadJson.writeSkipped(out.raw('{'), skipped);
    out.raw("}\n");
  }

  /**
   * A line with a cursor.
   *
   * @param cursor ASCII that needs no escapes
   */
  static void writeCursor(JsonBuffer out, byte[] cursor) {
    out.raw("{\"cursor\":\"").raw(cursor, 0, cursor.length).raw("\"}\n");
  }
}
