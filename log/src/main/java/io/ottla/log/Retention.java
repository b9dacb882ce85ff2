package io.ottla.log;

import java.util.List;
import java.util.OptionalLong;
import java.util.function.LongUnaryOperator;

/**
 * How long and how much a partition keeps. Immutable. The group's leader asks it what to trim and
 * makes that an entry; nothing is removed by a clock of a replica.
 *
 * @param retentionMs since the last append to a segment; -1 = for ever
 * @param retentionBytes of a partition's segments; -1 = without bound
 */
public record Retention(long retentionMs, long retentionBytes) {
  public Retention {
    if (retentionMs < -1 || retentionBytes < -1) {
      throw new IllegalArgumentException(
          "retentionMs=%d retentionBytes=%d".formatted(retentionMs, retentionBytes));
    }
  }

  /** The offset to trim a log's front to, if something is to go. */
  public OptionalLong newStartOffset(PartitionLog log, LongUnaryOperator ageMs) {
    return newStartOffset(log.segments(), log.endOffset(), ageMs);
  }

  /**
   * Whole segments go, oldest first: while one's last append is longer ago than {@link
   * #retentionMs}, the active one included, or while those behind it hold at least {@link
   * #retentionBytes}. A segment whose time lies in the future stays.
   *
   * @param segments in order; the last one is the active one
   * @param ageMs how long ago an append time is, as far as whoever asks believes it
   */
  public OptionalLong newStartOffset(
      List<SegmentSummary> segments, long endOffset, LongUnaryOperator ageMs) {
    long behindBytes = segments.stream().mapToLong(SegmentSummary::sizeBytes).sum();
    long newStartOffset = -1;
    for (int i = 0; i < segments.size(); i++) {
      SegmentSummary segment = segments.get(i);
      boolean active = i == segments.size() - 1;
      behindBytes -= segment.sizeBytes();
      boolean old =
          retentionMs >= 0
              && segment.sizeBytes() > 0
              && ageMs.applyAsLong(segment.lastAppendTimeMs()) > retentionMs;
      boolean tooMuch = retentionBytes >= 0 && !active && behindBytes >= retentionBytes;
      if (!old && !tooMuch) {
        break;
      }
      newStartOffset = active ? endOffset : segments.get(i + 1).baseOffset();
    }
    return newStartOffset < 0 ? OptionalLong.empty() : OptionalLong.of(newStartOffset);
  }
}
