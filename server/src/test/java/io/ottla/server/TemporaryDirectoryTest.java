package io.ottla.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where native libraries are unpacked, when nothing can be loaded from the usual place. */
class TemporaryDirectoryTest {
  @TempDir Path directory;

  private TemporaryDirectory find() {
    return TemporaryDirectory.find(
        directory.resolve("missing"), List.of(directory.resolve("data")));
  }

  @Test
  void aSecondProcessRemovesNothingOfTheFirstOnes() throws IOException {
    Path first = find().own().orElseThrow();
    Files.createFile(first.resolve("library.so"));

    Path second = find().own().orElseThrow();

    assertThat(first.resolve("library.so")).exists();
    assertThat(second).isNotEqualTo(first);
  }

  @Test
  void whoHoldsTheLockRemovesWhatKilledProcessesLeft() throws IOException {
    Path killed = find().own().orElseThrow();
    Files.createFile(killed.resolve("library.so"));
    Files.createFile(killed.resolveSibling("of-an-older-build.so"));

    TemporaryDirectory next = find();
    next.deleteLeftOvers();

    assertThat(killed.getParent()).isDirectoryContaining(next.own().orElseThrow()::equals);
    assertThat(killed.getParent().toFile().list()).hasSize(1);
  }

  @Test
  void whatIsMadeIsItsOwnersOnly() throws IOException {
    Path own = find().own().orElseThrow();

    for (Path made : List.of(own, own.getParent(), own.getParent().getParent())) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
          .as(made.toString())
          .isEqualTo("rwx------");
    }
  }

  @Test
  void theUsualPlaceIsUsedWhereItCanBe() {
    TemporaryDirectory found =
        TemporaryDirectory.find(directory, List.of(directory.resolve("data")));

    assertThat(found.own()).isEmpty();
    assertThat(directory.resolve("data")).doesNotExist();
  }
}
