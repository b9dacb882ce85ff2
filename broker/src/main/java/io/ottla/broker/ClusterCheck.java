package io.ottla.broker;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a comparison of replicas found. Immutable.
 *
 * @param cluster its name
 * @param partitions those that were looked at, wholly or in part
 * @param next where to go on; empty if all was compared
 */
public record ClusterCheck(
    String cluster, List<PartitionCheck> partitions, Optional<CheckCursor> next) {
  public ClusterCheck {
    partitions = List.copyOf(partitions);
  }

  /** Whether no replica differs from another and none is damaged. */
  public boolean equal() {
    return partitions.stream().allMatch(PartitionCheck::equal);
  }

  /** Whether every replica of every partition was looked at. */
  public boolean complete() {
    return next.isEmpty() && partitions.stream().allMatch(each -> each.missing().isEmpty());
  }

  /**
   * A partition's replicas.
   *
   * @param brokers whose replicas were compared
   * @param missing those whose replica could not be looked at, or not wholly: they do not run, have
   *     not got it, or failed
   * @param startOffset the first offset that all of them have
   * @param endOffset the one behind the last that all of them had when the comparison began
   * @param comparedOffsets how many of these lie in segments that were compared
   * @param bytes of one replica that were compared
   * @param differing the brokers whose bytes are not those of the others; all, if no two agree
   * @param damaged what was found on the way
   */
  public record PartitionCheck(
      String topic,
      int partition,
      List<Integer> brokers,
      List<Integer> missing,
      long startOffset,
      long endOffset,
      long comparedOffsets,
      long bytes,
      List<Integer> differing,
      List<Damage> damaged) {
    public PartitionCheck {
      brokers = List.copyOf(brokers);
      missing = List.copyOf(missing);
      differing = List.copyOf(differing);
      damaged = List.copyOf(damaged);
    }

    /** Whether all that was compared is the same and whole. */
    public boolean equal() {
      return differing.isEmpty() && damaged.isEmpty();
    }
  }

  /**
   * Bytes of a replica that are no whole batch.
   *
   * @param file relative to the broker's directory
   * @param nextOffset the one behind the last that cannot be read
   */
  public record Damage(
      int broker,
      Path file,
      long positionBytes,
      long lengthBytes,
      long startOffset,
      long nextOffset) {}
}
