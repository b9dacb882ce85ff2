package io.ottla.torture.seeded;

import io.ottla.torture.history.Anomaly;
import java.util.Set;

/**
 * A bug that a server can be given, and the anomalies that may convict it. That a server does not
 * get well in time is none of them: a slow machine or a broken run shows the same.
 */
enum SeededBug {
  BATCH_DROPPED(Anomaly.INCONSISTENT_OFFSET, Anomaly.LOST_WRITE, Anomaly.STALE_READ),
  BATCH_DROPPED_ON_ONE_REPLICA(Anomaly.DIVERGENCE, Anomaly.INCONSISTENT_OFFSET, Anomaly.STALE_READ),
  WRONG_OFFSET_TOLD(Anomaly.INCONSISTENT_OFFSET),
  BATCH_APPENDED_TWICE(Anomaly.DUPLICATE),
  SEQUENCE_NOT_CHECKED(Anomaly.DUPLICATE, Anomaly.INCONSISTENT_OFFSET),
  BYTE_FLIPPED_AND_CHECKSUM_SKIPPED(Anomaly.CORRUPT),
  STALE_READ(Anomaly.STALE_READ, Anomaly.POLL_SKIP_OR_BACK),
  APPENDED_TOLD_AS_NOT_APPENDED(Anomaly.ABORTED_READ, Anomaly.DUPLICATE),
  FAILURE_TOLD_AS_APPENDED(Anomaly.INCONSISTENT_OFFSET, Anomaly.LOST_WRITE, Anomaly.UNSEEN),
  COMMIT_NOT_APPLIED(Anomaly.COMMIT_LOST_OR_BACK),
  COMMIT_LOWERED(Anomaly.COMMIT_LOST_OR_BACK),
  COMMIT_OF_AN_OLD_GENERATION(Anomaly.ZOMBIE_COMMIT, Anomaly.POLL_SKIP_OR_BACK),
  TWO_OWNERS(Anomaly.OVERLAP),
  EVENT_SKIPPED(Anomaly.POLL_SKIP_OR_BACK, Anomaly.GAP, Anomaly.LOST_WRITE),
  EVENT_SHOWN_TWICE(Anomaly.POLL_SKIP_OR_BACK),
  HEADERS_LOST(Anomaly.CORRUPT),
  KEY_LOST(Anomaly.CORRUPT),
  TIMESTAMP_CHANGED(Anomaly.CORRUPT),
  RETENTION_TOO_EARLY(Anomaly.EARLY_RETENTION),
  JOURNALS_TAIL_CUT_AT_START(
      Anomaly.LOST_WRITE,
      Anomaly.UNSEEN,
      Anomaly.INCONSISTENT_OFFSET,
      Anomaly.STALE_READ,
      Anomaly.COMMIT_LOST_OR_BACK);

  @SuppressWarnings("ImmutableEnumChecker") // it is: made by Set.of
  private final Set<Anomaly> convictedBy;

  SeededBug(Anomaly... convictedBy) {
    this.convictedBy = Set.of(convictedBy);
  }

  /** How many events are acked before the next step; it takes a while until it can do harm. */
  long events() {
    return this == COMMIT_OF_AN_OLD_GENERATION || this == RETENTION_TOO_EARLY ? 1_000_000 : 3_000;
  }

  Set<Anomaly> convictedBy() {
    return convictedBy;
  }
}
