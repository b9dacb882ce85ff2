package io.ottla.broker;

import io.ottla.disk.Descriptors;
import io.ottla.disk.Disk;
import io.ottla.disk.DiskSpace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much room the disks below a cluster's brokers have. One thread looks, any thread reads what
 * was seen last: a disk that hangs delays nobody else.
 *
 * <p>A level that was left for the worse comes back only with an eighth of its bound to spare, so
 * that it does not change with every write.
 */
final class SpaceWatch {
  private static final Logger LOG = LoggerFactory.getLogger(SpaceWatch.class);

  private static final int FEW_DESCRIPTORS = 8;

  private final Disk disk;
  private final DiskReserve reserve;
  private final List<Path> directories;
  private volatile List<Reading> readings;
  private volatile boolean roomy = true;

  /** What room there is. */
  enum Level {
    /** Enough for everything. */
    ROOM,
    /** Nothing large is written any more. */
    BELOW_RESERVE,
    /** Nothing should be written any more. */
    BELOW_FLOOR
  }

  /** What was seen of a broker's disk last. */
  record Reading(Level level, long usableBytes, long reserveBytes) {
    private static final Reading UNKNOWN = new Reading(Level.ROOM, Long.MAX_VALUE, 0);
  }

  /**
   * Nothing seen yet.
   *
   * @param directories of the brokers, that of broker 1 first
   */
  SpaceWatch(Disk disk, DiskReserve reserve, List<Path> directories) {
    this.disk = disk;
    this.reserve = reserve;
    this.directories = List.copyOf(directories);
    this.readings = directories.stream().map(_ -> Reading.UNKNOWN).toList();
  }

  /** Looks at every disk. One thread at a time. */
  void look() {
    List<Reading> before = readings;
    Reading[] now = new Reading[before.size()];
    boolean allRoomy = true;
    for (int i = 0; i < now.length; i++) {
      now[i] = look(directories.get(i), before.get(i));
      allRoomy &= now[i].level() == Level.ROOM;
    }
    readings = List.of(now);
    roomy = allRoomy;
  }

  private Reading look(Path directory, Reading before) {
    DiskSpace space;
    try {
      space = disk.space(directory);
    } catch (IOException e) {
      LOG.debug("room not known: directory={}", directory, e);
      return before; // the directory is missing, or the disk has other troubles than its room
    }
    long reserveBytes = reserve.reserveBytes(space);
    long floorBytes = reserve.floorBytes(space);
    Level level;
    if (isBelow(space, floorBytes, before.level() == Level.BELOW_FLOOR)) {
      level = Level.BELOW_FLOOR;
    } else if (isBelow(space, reserveBytes, before.level() != Level.ROOM)) {
      level = Level.BELOW_RESERVE;
    } else {
      level = Level.ROOM;
    }
    if (level != before.level()) {
      say(directory, space, reserveBytes, level);
    }
    return new Reading(level, space.usableBytes(), reserveBytes);
  }

  private static boolean isBelow(DiskSpace space, long boundBytes, boolean wasBelow) {
    return space.usableBytes() < (wasBelow ? boundBytes + boundBytes / 8 : boundBytes);
  }

  private static void say(Path directory, DiskSpace space, long reserveBytes, Level level) {
    String message =
        switch (level) {
          case ROOM -> "disk has room again: directory={} usableBytes={} reserveBytes={}";
          case BELOW_RESERVE -> "disk is nearly full: directory={} usableBytes={} reserveBytes={}";
          case BELOW_FLOOR -> "disk is full: directory={} usableBytes={} reserveBytes={}";
        };
    if (level == Level.ROOM) {
      LOG.info(message, directory, space.usableBytes(), reserveBytes);
    } else {
      LOG.warn(message, directory, space.usableBytes(), reserveBytes);
    }
  }

  /** What a broker is short of at this moment, if its disk is below its floor or the process is. */
  Optional<BrokerFailure.Want> shortOf(Path directory) {
    if (isFull(directory)) {
      return Optional.of(BrokerFailure.Want.SPACE);
    }
    return Descriptors.free() < FEW_DESCRIPTORS
        ? Optional.of(BrokerFailure.Want.DESCRIPTORS)
        : Optional.empty();
  }

  private boolean isFull(Path directory) {
    try {
      DiskSpace now = disk.space(directory);
      return now.usableBytes() < reserve.floorBytes(now);
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether no disk is below its reserve. */
  boolean isRoomy() {
    return roomy;
  }

  /** What was seen last of the disk of that broker, from 1. */
  Reading of(int brokerId) {
    return readings.get(brokerId - 1);
  }
}
