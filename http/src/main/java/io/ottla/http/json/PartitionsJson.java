package io.ottla.http.json;

import io.ottla.broker.Refusal;
import io.ottla.broker.produce.ProduceResult;
import io.ottla.broker.produce.ProduceResult.EventResult.Committed;
import io.ottla.broker.produce.ProduceResult.EventResult.Failed;
import io.ottla.broker.produce.ProduceStream.Extent;
import io.ottla.broker.produce.ProduceStream.Progress;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Writes what became of many events, by partition. */
public final class PartitionsJson {
  private PartitionsJson() {}

  /** All are committed. */
  public static void write(JsonBuffer out, String topic, Progress progress) {
    begin(out, topic, true, progress.count());
    String comma = "";
    for (Map.Entry<Integer, Extent> partition : progress.partitions().entrySet()) {
      out.raw(comma).raw('"').number(partition.getKey()).raw("\":");
      write(out, partition.getValue());
      comma = ",";
    }
    out.raw("}}");
  }

  /** Some are committed; the events of one partition are so together, or not at all. */
  public static void write(JsonBuffer out, ProduceResult result) {
    SortedMap<Integer, Extent> committed = new TreeMap<>();
    SortedMap<Integer, Refusal> failed = new TreeMap<>();
    long count = 0;
    for (ProduceResult.EventResult event : result.events()) {
      switch (event) {
        case Committed(int partition, long offset, long _) -> {
          count++;
          committed.merge(
              partition,
              new Extent(offset, offset, 1),
              (extent, one) -> new Extent(extent.first(), one.last(), extent.count() + 1));
        }
        case Failed(int partition, Refusal refusal) -> failed.put(partition, refusal);
      }
    }
    begin(out, result.topic(), failed.isEmpty(), count);
    SortedMap<Integer, Object> all = new TreeMap<>(committed);
    all.putAll(failed);
    String comma = "";
    for (Map.Entry<Integer, Object> partition : all.entrySet()) {
      out.raw(comma).raw('"').number(partition.getKey()).raw("\":");
      if (partition.getValue() instanceof Refusal refusal) {
        EventJson.writeFailed(out, refusal);
      } else {
        write(out, (Extent) partition.getValue());
      }
      comma = ",";
    }
    out.raw("}}");
  }

  private static void begin(JsonBuffer out, String topic, boolean committed, long count) {
    out.raw("{\"topic\":").string(topic);
    out.raw(committed ? ",\"committed\":true" : ",\"committed\":false");
    out.raw(",\"count\":").number(count).raw(",\"partitions\":{");
  }

  private static void write(JsonBuffer out, Extent extent) {
    out.raw("{\"first\":").number(extent.first());
    out.raw(",\"last\":").number(extent.last());
    out.raw(",\"count\":").number(extent.count()).raw('}');
  }
}
