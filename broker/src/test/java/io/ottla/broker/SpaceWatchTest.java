package io.ottla.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ottla.broker.SpaceWatch.Level;
import io.ottla.disk.DiskSpace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class SpaceWatchTest {
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;

  private final TroubledDisk disk = new TroubledDisk();

  @Test
  void theReserveFollowsTheDisksSize() {
    assertThat(reserveOf(40 * MIB)).isCloseTo(4 * MIB, within(100L));
    assertThat(reserveOf(20 * GIB)).isEqualTo(GIB);
    assertThat(reserveOf(200 * GIB)).isEqualTo(200 * GIB / 100 * 2);
    assertThat(reserveOf(10_000 * GIB)).isEqualTo(16 * GIB);
  }

  private static long reserveOf(long totalBytes) {
    return DiskReserve.usual().reserveBytes(new DiskSpace(0, totalBytes));
  }

  @Test
  void aLevelComesBackOnlyWithSomeToSpare() {
    Path directory = Path.of("/data/c1/broker-1");
    var watch = new SpaceWatch(disk, new DiskReserve(OptionalLong.of(800)), List.of(directory));
    List<Level> levels = new ArrayList<>();

    for (int usable : List.of(800, 799, 801, 899, 900, 200, 199, 224, 225, 900)) {
      disk.setSpace(_ -> new DiskSpace(usable, 10_000));
      watch.look();
      levels.add(watch.of(1).level());
      assertThat(watch.isRoomy()).isEqualTo(watch.of(1).level() == Level.ROOM);
    }

    assertThat(levels)
        .containsExactly(
            Level.ROOM,
            Level.BELOW_RESERVE,
            Level.BELOW_RESERVE,
            Level.BELOW_RESERVE,
            Level.ROOM,
            Level.BELOW_RESERVE,
            Level.BELOW_FLOOR,
            Level.BELOW_FLOOR,
            Level.BELOW_RESERVE,
            Level.ROOM);
  }
}
