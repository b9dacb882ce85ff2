package io.ottla.broker.store;

import io.ottla.log.Compaction;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * One change of a data group; an entry is a list of them ({@link DataEntry}). Immutable.
 *
 * <p>Topics are named by their UUID, which no later topic of the same name shares.
 */
public sealed interface DataCommand {
  /** A change of one partition. */
  sealed interface OfPartition extends DataCommand {
    /** The topic it is about. */
    UUID topicId();

    /** The partition it is about. */
    int partition();
  }

  /**
   * Appends one batch.
   *
   * @param batch one finished record batch, base offset 0; not changed by anybody
   * @param claim what makes a retry recognizable; empty without a producer id
   */
  record Append(UUID topicId, int partition, ByteBuffer batch, Optional<ProducerClaim> claim)
      implements OfPartition {}

  /** Creates the partition, empty; one that exists stays as it is. */
  record CreatePartition(UUID topicId, String topicName, int partition, PartitionConfig config)
      implements OfPartition {}

  /** Changes how the partition is kept. */
  record AlterPartition(UUID topicId, int partition, PartitionConfig config)
      implements OfPartition {}

  /** Deletes the partition; an unknown one is as good. */
  record DropPartition(UUID topicId, int partition) implements OfPartition {}

  /**
   * Forgets the oldest records.
   *
   * @param newStartOffset the first offset to keep; one below the present start changes nothing
   */
  record TrimFront(UUID topicId, int partition, long newStartOffset) implements OfPartition {}

  /** Rewrites some closed segments with only the records that are to stay. */
  record Compact(UUID topicId, int partition, Compaction compaction) implements OfPartition {}

  /**
   * Forgets all that the group's partitions remember of these producers, and takes nothing more
   * from them.
   */
  record ExpireProducers(List<Long> producerIds) implements DataCommand {
    public ExpireProducers {
      producerIds = List.copyOf(producerIds);
    }
  }

  /**
   * Forgets older sequences of producers that were idle, in all of the group's partitions, as
   * memory is short.
   *
   * @param usedBeforeMs by the entries' time; who sent something to a partition at or after this is
   *     left as it is there
   * @param keep how many of its last sequences stay, at least 0
   */
  record ShortenProducers(long usedBeforeMs, int keep) implements DataCommand {
    public ShortenProducers {
      if (keep < 0) {
        throw new IllegalArgumentException("keep must be at least 0, not " + keep);
      }
    }
  }
}
