package io.ottla.log;

/**
 * How a log cuts its bytes into files. Immutable.
 *
 * @param segmentBytes a segment that would grow beyond this is closed and the next begun
 * @param segmentMs a segment is closed by the first append that comes so long after its first one,
 *     by append time
 * @param indexIntervalBytes bytes of batches between two entries of an index
 */
public record LogConfig(long segmentBytes, long segmentMs, int indexIntervalBytes) {
  /** Kafka's own interval. */
  public static final int DEFAULT_INDEX_INTERVAL_BYTES = 4096;

  public LogConfig {
    if (segmentBytes < 1 || segmentMs < 1 || indexIntervalBytes < 1) {
      throw new IllegalArgumentException(
          "not positive: segmentBytes=%d segmentMs=%d indexIntervalBytes=%d"
              .formatted(segmentBytes, segmentMs, indexIntervalBytes));
    }
  }
}
