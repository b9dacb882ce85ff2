package io.ottla.log;

/**
 * Where a batch begins: the same place on every replica of a partition, as their files are the same
 * bytes. Immutable.
 *
 * @param segmentBaseOffset of its segment
 * @param compactions how often that one was compacted
 * @param positionBytes in its {@code .log} file
 */
public record BatchPlace(long segmentBaseOffset, int compactions, long positionBytes) {
  /** The name of the file. */
  public String fileName() {
    return SegmentNames.stem(segmentBaseOffset, compactions) + SegmentNames.LOG;
  }

  boolean isIn(SegmentSummary segment) {
    return segment.baseOffset() == segmentBaseOffset && segment.compactions() == compactions;
  }
}
