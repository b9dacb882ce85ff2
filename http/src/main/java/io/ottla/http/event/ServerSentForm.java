package io.ottla.http.event;

import io.ottla.broker.consume.EventIds;
import io.ottla.broker.consume.EventStream.Part;
import io.ottla.broker.consume.PollResult.PartitionRecords;
import io.ottla.broker.read.RecordRun;
import io.ottla.http.Problem;
import io.ottla.http.StreamOutput;
import io.ottla.http.json.JsonBuffer;
import java.util.Arrays;

/**
 * Server-sent events (WHATWG HTML, 9.2): the id of each is where reading goes on behind it. An id
 * without data says where the stream is although no event came, so that a client which reconnects
 * is known even before its first event. Ids that are very long stand only at the last event of each
 * partition's share: a client that loses its connection before gets some events again.
 */
final class ServerSentForm implements StreamForm {
  private static final int RETRY_MS = 1_000;
  private static final int LONG_ID_BYTES = 1_024;
  private static final int FULL_BYTES = 32 * 1024;

  private byte[] lastId = new byte[0];
  private boolean begun;

  @Override
  public void write(Part part, StreamOutput out) {
    JsonBuffer text = begin(512);
    byte[] start = part.ids().start();
    if (start.length > 0 && !Arrays.equals(start, lastId)) {
      writeId(text, start);
      text.raw('\n');
    }
    if (!part.skipped().isEmpty()) {
      text.raw("event: skipped\ndata: {");
      ReadJson.writeSkipped(text, part.skipped());
      text.raw("}\n\n");
    }
    for (int i = 0; i < part.records().size(); i++) {
      writeRecords(part.records().get(i), i, part.ids(), text, out);
    }
    if (part.isEmpty() && text.lengthBytes() == 0) {
      text.raw(":\n\n");
    }
    out.write(text.array(), 0, text.lengthBytes());
  }

  /** Empty, but at the very beginning. */
  private JsonBuffer begin(int initialBytes) {
    JsonBuffer text = new JsonBuffer(initialBytes);
    if (!begun) {
      begun = true;
      text.raw("retry: ").number(RETRY_MS).raw('\n');
    }
    return text;
  }

  private void writeRecords(
      PartitionRecords records, int index, EventIds ids, JsonBuffer text, StreamOutput out) {
    for (RecordRun run : records.runs()) {
      EventLines lines = EventLines.of(run, records.partition());
      for (int i = run.from(); i < run.to(); i++) {
        long nextOffset = run.batch().records().get(i).offset() + 1;
        if (lastId.length <= LONG_ID_BYTES || nextOffset == records.nextOffset()) {
          writeId(text, ids.after(index, nextOffset));
        }
        text.raw("data: ").raw(lines.bytes(), lines.start(i), lines.end(i)).raw("\n\n");
        if (text.lengthBytes() > FULL_BYTES) {
          out.write(text.array(), 0, text.lengthBytes());
          text.truncateTo(0);
        }
      }
    }
  }

  private void writeId(JsonBuffer text, byte[] id) {
    text.raw("id: ").raw(id, 0, id.length).raw('\n');
    lastId = id;
  }

  @Override
  public void write(Problem problem, StreamOutput out) {
    JsonBuffer document = problem.toJson();
    JsonBuffer text = begin(document.lengthBytes() + 64);
    text.raw("event: problem\ndata: ").raw(document.array(), 0, document.lengthBytes());
    text.raw("\n\n");
    out.write(text.array(), 0, text.lengthBytes());
  }
}
