package io.ottla.broker;

import io.ottla.broker.SpaceWatch.Level;
import io.ottla.broker.SpaceWatch.Reading;
import io.ottla.disk.Disk;
import io.ottla.disk.Disk.OpenMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Room on a broker's disk that nobody else can take: a file of zeros, let go when the disk is full.
 * Then the broker can run although others took the last byte, so that reads, commits and deletions
 * go on. Nothing is lost with the file; it is made again when there is room. Used by one thread.
 */
final class Ballast {
  private static final Logger LOG = LoggerFactory.getLogger(Ballast.class);
  static final String NAME = "ballast";

  /** Enough for a start, and for the rounds that were under way when the disk got full. */
  private static final long MOST_BYTES = 8 << 20;

  /** Of the reserve: as much as the floor, below which the ballast goes. */
  private static final int RESERVE_DIVISOR = 4;

  /** It is first made when there was room this often in a row: a start has better things to do. */
  private static final int LOOKS_BEFORE = 4;

  private static final int PIECE_BYTES = 1 << 20;

  private final Disk disk;
  private final Path path;
  private int looksBefore = LOOKS_BEFORE;
  private int roomyLooks;
  private boolean held;

  /**
   * @param broker the broker's directory, which may be missing
   */
  Ballast(Disk disk, Path broker) {
    this.disk = disk;
    this.path = broker.resolve(NAME);
  }

  /** How much is held on a disk with that reserve, in bytes; 0 if nothing is. */
  static long bytesFor(long reserveBytes) {
    return Math.min(reserveBytes / RESERVE_DIVISOR, MOST_BYTES);
  }

  /**
   * Does what follows from what was seen of the disk.
   *
   * @param mayHold false while the broker does not run
   */
  void tend(Reading reading, boolean mayHold) {
    if (reading.level() == Level.BELOW_FLOOR) {
      roomyLooks = 0;
      looksBefore = 1; // a disk that was full may soon be so again
      release();
    } else if (reading.level() != Level.ROOM || !mayHold) {
      roomyLooks = 0;
    } else if (!held && ++roomyLooks >= looksBefore) {
      roomyLooks = 0;
      hold(bytesFor(reading.reserveBytes()));
    }
  }

  private void release() {
    try {
      if (disk.exists(path)) {
        LOG.warn("disk is full, its ballast is let go: path={}", path);
        disk.delete(path);
      }
      held = false;
    } catch (IOException e) {
      LOG.debug("ballast cannot be let go: path={}", path, e);
    }
  }

  private void hold(long bytes) {
    try {
      if (bytes > 0 && (!disk.exists(path) || disk.sizeBytes(path) != bytes)) {
        disk.delete(path);
        write(bytes);
      }
      held = true;
    } catch (IOException e) {
      LOG.debug("no ballast: path={}", path, e);
      release();
    }
  }

  /**
   * Forced piece by piece: a file system that gives room away only when it writes has done so then,
   * and does not write all of it half a minute later, when clients wait for other forces.
   */
  private void write(long bytes) throws IOException {
    try (var file = disk.open(path, OpenMode.CREATE)) {
      for (long position = 0; position < bytes; position += PIECE_BYTES) {
        int piece = (int) Math.min(PIECE_BYTES, bytes - position);
        file.write(ByteBuffer.allocate(piece), position);
        file.force();
      }
    }
  }
}
