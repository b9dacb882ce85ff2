package io.ottla.broker.store;

import io.ottla.log.BatchPlace;
import io.ottla.log.ReadResult;
import io.ottla.log.SegmentDigest;
import io.ottla.log.SegmentSummary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/** Reads the partitions of a store in this process. Thread-safe. */
final class LocalPartitionReader implements PartitionReader {
  private final PartitionStore store;

  LocalPartitionReader(PartitionStore store) {
    this.store = store;
  }

  @Override
  public PartitionRead read(UUID topicId, int partition, long offset, int maxBytes)
      throws IOException {
    PartitionReplica replica = store.find(topicId, partition);
    if (replica == null) {
      return new PartitionRead.NoSuchPartition();
    }
    try {
      return switch (replica.log().read(offset, maxBytes)) {
        case ReadResult.Batches batches ->
            new PartitionRead.Batches(batches.bytes(), replica.startOffset(), batches.endOffset());
        case ReadResult.OutOfRange range ->
            new PartitionRead.OutOfRange(range.startOffset(), range.endOffset());
      };
    } catch (IOException e) {
      if (replica.isDropped()) {
        return new PartitionRead.NoSuchPartition();
      }
      throw e;
    }
  }

  @Override
  public OffsetLookup offsetForTimestamp(UUID topicId, int partition, long timestampMs)
      throws IOException {
    PartitionReplica replica = store.find(topicId, partition);
    if (replica == null) {
      return new OffsetLookup.NoSuchPartition();
    }
    try {
      long endOffset = replica.endOffset();
      OptionalLong found = replica.log().offsetForTimestamp(timestampMs);
      return found.isPresent()
          ? new OffsetLookup.Found(found.getAsLong())
          : new OffsetLookup.NoneYet(endOffset);
    } catch (IOException e) {
      if (replica.isDropped()) {
        return new OffsetLookup.NoSuchPartition();
      }
      throw e;
    }
  }

  @Override
  public Optional<ByteBuffer> batchAt(UUID topicId, int partition, BatchPlace place)
      throws IOException {
    PartitionReplica replica = store.find(topicId, partition);
    return replica == null ? Optional.empty() : replica.log().repair().batchAt(place);
  }

  @Override
  public List<SegmentSummary> segments(UUID topicId, int partition) {
    PartitionReplica replica = store.find(topicId, partition);
    return replica == null ? List.of() : replica.segments();
  }

  @Override
  public Optional<SegmentDigest> digest(UUID topicId, int partition, SegmentSummary upTo)
      throws IOException {
    PartitionReplica replica = store.find(topicId, partition);
    return replica == null ? Optional.empty() : replica.repair().digest(upTo);
  }

  @Override
  public Optional<Range> range(UUID topicId, int partition) {
    PartitionReplica replica = store.find(topicId, partition);
    return replica == null
        ? Optional.empty()
        : Optional.of(new Range(replica.startOffset(), replica.endOffset()));
  }

  @Override
  public Optional<Extent> extent(UUID topicId, int partition) {
    PartitionReplica replica = store.find(topicId, partition);
    return replica == null
        ? Optional.empty()
        : Optional.of(
            new Extent(
                replica.startOffset(),
                replica.endOffset(),
                replica.sizeBytes(),
                store.directories().relativePath(replica.directoryName())));
  }
}
