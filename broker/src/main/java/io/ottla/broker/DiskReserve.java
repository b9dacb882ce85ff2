package io.ottla.broker;

import io.ottla.disk.DiskSpace;
import java.util.OptionalLong;

/**
 * How much of each disk is kept free. Immutable.
 *
 * <p>Below the reserve nothing is published, so that what frees space (deletions, retention,
 * compaction, checkpoints and the purge of journals behind them) and what is small (commits) can
 * still be written. That needs, per replica of a group, half a MiB of journal that is filled ahead
 * and two checkpoints.
 *
 * @param wantedBytes the reserve, if it is set; else it follows the disk's size
 */
public record DiskReserve(OptionalLong wantedBytes) {
  private static final long GIB = 1L << 30;
  private static final int USUAL_PERCENT = 2;
  private static final int MOST_PERCENT = 10;
  private static final long MOST_BYTES = 16 * GIB;
  private static final long MOST_FLOOR_BYTES = GIB / 4;

  public DiskReserve {
    if (wantedBytes.isPresent() && wantedBytes.getAsLong() < 0) {
      throw new IllegalArgumentException("a reserve is at least 0 bytes");
    }
  }

  /** Follows the disk's size. */
  public static DiskReserve usual() {
    return new DiskReserve(OptionalLong.empty());
  }

  /** 1 GiB or 2 % if that is more, at most 16 GiB, and never more than a tenth of the disk. */
  long reserveBytes(DiskSpace space) {
    if (wantedBytes.isPresent()) {
      return wantedBytes.getAsLong();
    }
    long usualBytes = Math.clamp(space.totalBytes() / 100 * USUAL_PERCENT, GIB, MOST_BYTES);
    return Math.min(usualBytes, space.totalBytes() / 100 * MOST_PERCENT);
  }

  /** Below this a broker leaves the disk alone, if its groups do without it. */
  long floorBytes(DiskSpace space) {
    return Math.min(reserveBytes(space) / 4, MOST_FLOOR_BYTES);
  }
}
