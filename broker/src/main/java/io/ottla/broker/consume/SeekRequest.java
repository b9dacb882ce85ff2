package io.ottla.broker.consume;

import io.ottla.broker.consume.CommitRequest.PartitionOffset;
import java.util.List;

/** Where a consumer is to go on. */
public sealed interface SeekRequest {
  long consumerId();

  /** At exactly these offsets; the metadata of an offset is not used. */
  record Offsets(long consumerId, List<PartitionOffset> offsets) implements SeekRequest {}

  /** At that place in every partition that it is assigned. */
  record To(long consumerId, StartFrom to) implements SeekRequest {}
}
