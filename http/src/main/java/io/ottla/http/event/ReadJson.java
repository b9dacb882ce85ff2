package io.ottla.http.event;

import io.ottla.broker.consume.FetchResult;
import io.ottla.broker.consume.PollResult;
import io.ottla.broker.consume.PollResult.PartitionRecords;
import io.ottla.broker.consume.PollResult.Skipped;
import io.ottla.broker.consume.PollResult.TopicPartition;
import io.ottla.http.json.EventJson;
import io.ottla.http.json.JsonBuffer;
import io.ottla.log.StoredRecord;
import java.util.List;

/** What was read, as the contract's JSON. */
final class ReadJson {
  private static final int BYTES_AROUND = 512;
  private static final int BYTES_AROUND_EVENT = 128;

  private ReadJson() {}

  static JsonBuffer fetched(FetchResult result) {
    JsonBuffer out = new JsonBuffer(BYTES_AROUND + sizeOf(result.records()));
    out.raw("{\"topic\":").string(result.topic());
    out.raw(",\"partition\":").number(result.partition());
    out.raw(",\"events\":[");
    writeEvents(out, result.topic(), result.partition(), result.records(), false);
    out.raw("],\"next_offset\":").number(result.nextOffset());
    out.raw(",\"end_offset\":").number(result.endOffset());
    return out.raw(result.fromLeader() ? "}" : ",\"leader\":false}");
  }

  static JsonBuffer polled(PollResult result) {
    int size = BYTES_AROUND;
    for (PartitionRecords records : result.records()) {
      size += sizeOf(records.records());
    }
    JsonBuffer out = new JsonBuffer(size);
    out.raw("{\"consumer_id\":").number(result.consumerId());
    out.raw(",\"group\":").string(result.group());
    out.raw(",\"generation\":").number(result.generation());
    out.raw(",\"assignment\":");
    writePartitions(out, result.assignment());
    out.raw(",\"revoking\":");
    writePartitions(out, result.revoking());
    out.raw(",\"events\":[");
    boolean comma = false;
    for (PartitionRecords records : result.records()) {
      TopicPartition of = records.partition();
      comma = writeEvents(out, of.topic(), of.partition(), records.records(), comma);
    }
    out.raw("],\"cursor\":").string(result.cursor());
    if (!result.skipped().isEmpty()) {
      writeSkipped(out.raw(','), result.skipped());
    }
    return out.raw('}');
  }

  private static boolean writeEvents(
      JsonBuffer out, String topic, int partition, List<StoredRecord> records, boolean comma) {
    boolean next = comma;
    byte[] start = EventJson.startOf(topic, partition);
    for (StoredRecord event : records) {
      if (next) {
        out.raw(',');
      }
      EventJson.writeEvent(out, start, event);
      next = true;
    }
    return next;
  }

  private static void writePartitions(JsonBuffer out, List<TopicPartition> partitions) {
    out.raw('[');
    for (int i = 0; i < partitions.size(); i++) {
      out.raw(i > 0 ? ",{" : "{");
      writeMembers(out, partitions.get(i));
      out.raw('}');
    }
    out.raw(']');
  }

  /** The member {@code "skipped"}. */
  static void writeSkipped(JsonBuffer out, List<Skipped> skipped) {
    out.raw("\"skipped\":[");
    for (int i = 0; i < skipped.size(); i++) {
      out.raw(i > 0 ? ",{" : "{");
      writeMembers(out, skipped.get(i).partition());
      out.raw(",\"from\":").number(skipped.get(i).fromOffset());
      out.raw(",\"to\":").number(skipped.get(i).toOffset()).raw('}');
    }
    out.raw(']');
  }

  private static void writeMembers(JsonBuffer out, TopicPartition partition) {
    out.raw("\"topic\":").string(partition.topic());
    out.raw(",\"partition\":").number(partition.partition());
  }

  private static int sizeOf(List<StoredRecord> records) {
    int size = 0;
    for (StoredRecord event : records) {
      int value = event.value() == null ? 0 : event.value().remaining();
      int key = event.key() == null ? 0 : event.key().remaining();
      size += BYTES_AROUND_EVENT + value + key;
    }
    return size;
  }
}
