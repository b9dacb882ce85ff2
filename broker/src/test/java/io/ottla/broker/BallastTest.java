package io.ottla.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.broker.SpaceWatch.Level;
import io.ottla.broker.SpaceWatch.Reading;
import io.ottla.broker.TroubledDisk.Operation;
import io.ottla.disk.SystemDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BallastTest {
  private static final int LOOKS = 4;
  private static final long RESERVE = 4_000_000;

  @TempDir private Path broker;

  private Ballast ballast() {
    return new Ballast(new SystemDisk(), broker);
  }

  private static void tend(Ballast ballast, Level level, int looks) {
    for (int i = 0; i < looks; i++) {
      ballast.tend(new Reading(level, 0, RESERVE), true);
    }
  }

  private Path file() {
    return broker.resolve(Ballast.NAME);
  }

  @Test
  void itIsHeldAfterAWhileWithRoomAndGoesWhenTheDiskIsFull() throws IOException {
    Ballast ballast = ballast();

    tend(ballast, Level.ROOM, LOOKS - 1);
    assertThat(file()).doesNotExist();
    tend(ballast, Level.ROOM, 1);
    assertThat(Files.size(file())).isEqualTo(RESERVE / 4);
    tend(ballast, Level.BELOW_RESERVE, 1);
    assertThat(file()).exists();
    tend(ballast, Level.BELOW_FLOOR, 1);
    assertThat(file()).doesNotExist();
    tend(ballast, Level.BELOW_RESERVE, LOOKS);
    assertThat(file()).doesNotExist();
    tend(ballast, Level.ROOM, 1);
    assertThat(Files.size(file())).isEqualTo(RESERVE / 4);
  }

  @Test
  void aStoppedBrokerHoldsNothingNew() {
    Ballast ballast = ballast();

    for (int i = 0; i < 2 * LOOKS; i++) {
      ballast.tend(new Reading(Level.ROOM, 0, RESERVE), false);
    }

    assertThat(file()).doesNotExist();
  }

  @Test
  void oneOfAnotherSizeIsMadeAgain() throws IOException {
    Files.write(file(), new byte[3]);

    tend(ballast(), Level.ROOM, LOOKS);

    assertThat(Files.size(file())).isEqualTo(RESERVE / 4);
  }

  @Test
  void aDiskThatRefusesTheRestGetsBackWhatItGave() {
    AtomicInteger writes = new AtomicInteger();
    TroubledDisk disk = new TroubledDisk();
    disk.setTrouble(
        (operation, _) -> {
          if (operation == Operation.WRITE && writes.incrementAndGet() == 2) {
            throw new IOException("No space left on device");
          }
        });
    Ballast ballast = new Ballast(disk, broker);

    for (int i = 0; i < LOOKS; i++) {
      ballast.tend(new Reading(Level.ROOM, 0, 4 * RESERVE), true);
    }

    assertThat(writes).hasValue(2);
    assertThat(file()).doesNotExist();
  }

  @Test
  void aDirectoryThatIsMissingIsNotMade() {
    Ballast ballast = new Ballast(new SystemDisk(), broker.resolve("gone"));

    tend(ballast, Level.ROOM, LOOKS);
    tend(ballast, Level.BELOW_FLOOR, 1);

    assertThat(broker.resolve("gone")).doesNotExist();
  }
}
