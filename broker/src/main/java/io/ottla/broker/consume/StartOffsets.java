package io.ottla.broker.consume;

import io.ottla.broker.store.OffsetLookup;
import io.ottla.broker.store.PartitionReader;
import io.ottla.broker.store.PartitionReader.Extent;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/** Where in a partition "earliest", "latest" or a time is. */
final class StartOffsets {
  private StartOffsets() {}

  /** The offset; empty when the reader does not have the partition or cannot answer now. */
  static OptionalLong find(PartitionReader reader, UUID topicId, int partition, StartFrom from) {
    Optional<Extent> extent = reader.extent(topicId, partition);
    if (extent.isEmpty()) {
      return OptionalLong.empty();
    }
    return switch (from) {
      case StartFrom.Earliest() -> OptionalLong.of(extent.get().startOffset());
      case StartFrom.Latest() -> OptionalLong.of(extent.get().endOffset());
      case StartFrom.At(long timestampMs) -> lookUp(reader, topicId, partition, timestampMs);
    };
  }

  private static OptionalLong lookUp(
      PartitionReader reader, UUID topicId, int partition, long timestampMs) {
    try {
      return switch (reader.offsetForTimestamp(topicId, partition, timestampMs)) {
        case OffsetLookup.Found(long offset) -> OptionalLong.of(offset);
        case OffsetLookup.NoneYet(long endOffset) -> OptionalLong.of(endOffset);
        case OffsetLookup.NoSuchPartition() -> OptionalLong.empty();
      };
    } catch (IOException e) {
      return OptionalLong.empty(); // its broker stops: another one will answer
    }
  }

  static io.ottla.groups.StartFrom toGroups(StartFrom from) {
    return switch (from) {
      case StartFrom.Earliest() -> io.ottla.groups.StartFrom.EARLIEST;
      case StartFrom.Latest() -> io.ottla.groups.StartFrom.LATEST;
      case StartFrom.At(long timestampMs) -> new io.ottla.groups.StartFrom.At(timestampMs);
    };
  }

  static StartFrom ofGroups(io.ottla.groups.StartFrom from) {
    return switch (from) {
      case io.ottla.groups.StartFrom.Earliest() -> new StartFrom.Earliest();
      case io.ottla.groups.StartFrom.Latest() -> new StartFrom.Latest();
      case io.ottla.groups.StartFrom.At(long timestampMs) -> new StartFrom.At(timestampMs);
    };
  }
}
