package io.ottla.http.offset;

import io.ottla.broker.consume.OffsetsResult.PartitionProgress;
import io.ottla.http.json.JsonBuffer;
import java.util.OptionalLong;

/** Where a consumer or group is up to in a partition, as members of the contract's JSON. */
public final class ProgressJson {
  private ProgressJson() {}

  /** Which partition, as the first members of an object. */
  public static void writeName(JsonBuffer out, PartitionProgress progress) {
    out.raw("\"topic\":").string(progress.topic());
    out.raw(",\"partition\":").number(progress.partition());
  }

  /** How far, as members of an object that has others before. */
  public static void writeProgress(JsonBuffer out, PartitionProgress progress) {
    out.raw(",\"position\":");
    write(out, progress.position());
    out.raw(",\"committed\":");
    write(out, progress.committed());
    out.raw(",\"end_offset\":").number(progress.endOffset());
    out.raw(",\"lag\":").number(progress.lag());
  }

  /** The number, or null. */
  public static void write(JsonBuffer out, OptionalLong number) {
    if (number.isPresent()) {
      out.number(number.getAsLong());
    } else {
      out.raw("null");
    }
  }
}
