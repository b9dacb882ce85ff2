package io.ottla.http.json;

import io.ottla.broker.Refusal;
import io.ottla.broker.produce.ProduceResult;
import io.ottla.broker.produce.ProduceResult.EventResult;
import io.ottla.broker.produce.ProduceResult.EventResult.Committed;
import io.ottla.broker.produce.ProduceResult.EventResult.Failed;
import io.ottla.broker.produce.ProduceStream.Extent;
import io.ottla.broker.produce.ProduceStream.Progress;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Writes what became of many events, by partition. */
public final class PartitionsJson {
  /** A batch's events in one partition: their offsets follow each other. */
  private static final class Run {
    private final long first;
    private long count;

    Run(long first) {
      this.first = first;
    }

    Extent extent() {
      return new Extent(first, first + count - 1, count);
    }
  }

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
    SortedMap<Integer, Run> committed = new TreeMap<>();
    SortedMap<Integer, Refusal> failed = new TreeMap<>();
    long count = 0;
    for (EventResult event : result.events()) {
      switch (event) {
        case Committed(int partition, long offset, long _) -> {
          count++;
          committed.computeIfAbsent(partition, _ -> new Run(offset)).count++;
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
      switch (partition.getValue()) {
        case Refusal refusal -> EventJson.writeFailed(out, refusal);
        case Run run -> write(out, run.extent());
        case Object other -> throw new IllegalStateException("neither of both: " + other);
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
