package io.ottla.broker.consume;

import java.util.List;
import java.util.OptionalLong;

/** Where a consumer or group is up to. */
public record OffsetsResult(String group, List<PartitionProgress> partitions) {
  /**
   * One partition.
   *
   * @param position the next offset to deliver; empty when the coordinator does not know one
   * @param committed empty when nothing was committed
   * @param lag end offset minus committed (or minus the start offset without a commit)
   */
  public record PartitionProgress(
      String topic,
      int partition,
      OptionalLong position,
      OptionalLong committed,
      long endOffset,
      long lag) {}
}
