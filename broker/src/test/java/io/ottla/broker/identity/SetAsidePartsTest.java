package io.ottla.broker.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.broker.time.GuardedClock;
import io.ottla.broker.time.TimeSource;
import io.ottla.disk.Disk;
import io.ottla.disk.DiskFile;
import io.ottla.disk.ForgetfulDisk;
import io.ottla.disk.ForgetfulDisk.PowerCutException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Parts of a broker's directory are set aside, and the power goes. */
class SetAsidePartsTest {
  private static final Path CLUSTER = Path.of("/data/c1");
  private static final Path BROKER = CLUSTER.resolve("broker-2");
  private static final List<Path> PARTS =
      List.of(Path.of("topics/a-0"), Path.of("topics/b-0"), Path.of("topics/b-1"));

  private final GuardedClock clock =
      GuardedClock.start(TimeSource.of(InstantSource.system()), Optional.empty());

  @Test
  void eachPartIsInOneOfTheTwoAfterAPowerCutAtAnyStep() throws IOException {
    ForgetfulDisk whole = filled();
    long before = whole.operations();
    move(whole, clock);
    int steps = (int) (whole.operations() - before);
    assertThat(whole.list(BROKER.resolve("topics"))).isEmpty();

    int cutShort = 0;
    for (int seed = 0; seed < 40; seed++) {
      for (int cut = 0; cut <= steps; cut++) {
        ForgetfulDisk disk = filled();
        Random random = new Random(1_000L * seed + cut);
        disk.cutPowerAfter(cut);
        try {
          move(disk, clock);
        } catch (PowerCutException e) {
          cutShort++;
        }
        disk.powerCut(random);

        for (Path part : PARTS) {
          assertThat(places(disk, part)).as("seed %d cut %d: %s", seed, cut, part).isNotEmpty();
        }
      }
    }
    assertThat(cutShort).isGreaterThan(400);
  }

  private static void move(Disk disk, GuardedClock clock) throws IOException {
    new SetAside(disk, clock).moveParts(BROKER, PARTS, "unknown-partitions");
  }

  private static ForgetfulDisk filled() throws IOException {
    ForgetfulDisk disk = new ForgetfulDisk();
    for (Path part : PARTS) {
      disk.createDirectories(BROKER.resolve(part));
      try (DiskFile file = disk.open(BROKER.resolve(part).resolve("mark"), Disk.OpenMode.CREATE)) {
        file.write(ByteBuffer.wrap(new byte[] {1}), 0);
        file.force();
      }
      disk.forceDirectory(BROKER.resolve(part));
    }
    for (Path path = BROKER.resolve("topics"); path != null; path = path.getParent()) {
      disk.forceDirectory(path);
    }
    return disk;
  }

  /** Where a part is, whole. */
  private static List<Path> places(Disk disk, Path part) throws IOException {
    List<Path> places = new ArrayList<>();
    for (Path directory : disk.list(CLUSTER)) {
      Path mark = directory.resolve(part).resolve("mark");
      if (disk.exists(mark) && disk.sizeBytes(mark) == 1) {
        places.add(directory);
      }
    }
    return places;
  }
}
