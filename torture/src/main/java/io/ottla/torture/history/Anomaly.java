package io.ottla.torture.history;

import java.util.Locale;

/** One way in which a server broke its promise. */
public enum Anomaly {
  /** One offset shows two values, or a value is not where its answer said. */
  INCONSISTENT_OFFSET,
  /** A value is read whose produce definitely failed. */
  ABORTED_READ,
  /** A value that was acked, or proven by a read, is missing below the highest offset read. */
  LOST_WRITE,
  /** A value that was acked is behind everything that is read at the end. */
  UNSEEN,
  /** One value at two offsets. */
  DUPLICATE,
  /** An offset between start and end that no read returns. */
  GAP,
  /** An answer does not go on where it should. */
  POLL_SKIP_OR_BACK,
  /** A read that began after an acknowledgement does not see the event. */
  STALE_READ,
  /** A value that nobody sent. */
  PHANTOM,
  /** A value whose checksum, key, headers or timestamp differ from what was sent. */
  CORRUPT,
  /** Two replicas hold other bytes. */
  DIVERGENCE,
  /** A commit that was acked is not shown any more. */
  COMMIT_LOST_OR_BACK,
  /** A commit was accepted from a consumer that no longer owned the partition. */
  ZOMBIE_COMMIT,
  /** Two members own one partition in one generation. */
  OVERLAP,
  /** An event is gone before its time, or a start offset went back. */
  EARLY_RETENTION,
  /** An answer that the contract does not allow. */
  UNEXPECTED_ANSWER,
  /** The server does not come back as it should, or not in time; or it ended by itself. */
  NOT_HEALED,
  /** The time was over before all was done to the server: the run shows less than it says. */
  NOT_DONE;

  /** As it stands in a report: {@code lost write}. */
  public String title() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
