package io.ottla.http.event;

import io.ottla.broker.consume.EventStream.Part;
import io.ottla.broker.consume.PollResult.PartitionRecords;
import io.ottla.broker.read.RecordRun;
import io.ottla.http.Problem;
import io.ottla.http.StreamOutput;
import io.ottla.http.json.JsonBuffer;

/** One event per line; {@code {"error":<problem>}} is the last one if the stream fails. */
final class LineForm implements StreamForm {
  private final boolean cursors;

  LineForm(boolean cursors) {
    this.cursors = cursors;
  }

  @Override
  public void write(Part part, StreamOutput out) {
    if (!part.skipped().isEmpty()) {
      JsonBuffer line = new JsonBuffer(256);
      ReadLines.writeSkipped(line, part.skipped());
      out.write(line.array(), 0, line.lengthBytes());
    }
    byte[] cursor = part.ids().start();
    for (int i = 0; i < part.records().size(); i++) {
      PartitionRecords records = part.records().get(i);
      for (RecordRun run : records.runs()) {
        EventLines lines = EventLines.of(run, records.partition());
        out.write(lines.bytes(), lines.start(run.from()), lines.end(run.to() - 1) + 1);
      }
      if (cursors) {
        cursor = part.ids().after(i, records.nextOffset());
      }
    }
    if (cursors && cursor.length > 0) {
      JsonBuffer line = new JsonBuffer(cursor.length + 16);
      ReadLines.writeCursor(line, cursor);
      out.write(line.array(), 0, line.lengthBytes());
    }
  }

  @Override
  public void write(Problem problem, StreamOutput out) {
    JsonBuffer document = problem.toJson();
    JsonBuffer line = new JsonBuffer(document.lengthBytes() + 16);
    line.raw("{\"error\":").raw(document.array(), 0, document.lengthBytes()).raw("}\n");
    out.write(line.array(), 0, line.lengthBytes());
  }
}
