package io.ottla.replication.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.disk.Disk;
import io.ottla.disk.ForgetfulDisk;
import io.ottla.disk.SystemDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.UUID;
import org.apache.ratis.server.protocol.TermIndex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker has more groups than the smallest slots hold. */
class ManyNotesTest {
  private static final int GROUPS = 2_000;

  @TempDir Path directory;
  private final long seed = Long.getLong("ottla.seed", System.nanoTime());

  private static Map<UUID, GroupNote> notes(int groups, long index) {
    Map<UUID, GroupNote> notes = new HashMap<>();
    TermIndex end = TermIndex.valueOf(3, index);
    for (int group = 0; group < groups; group++) {
      GroupNote note =
          new GroupNote(end, end, 4, OptionalLong.of(index), Map.of(1, end, 2, end, 3, end));
      notes.put(new UUID(7, group), note);
    }
    return notes;
  }

  private static Map<UUID, GroupNote> found(Disk disk, Path directory) throws Exception {
    return NoteFile.look(disk, directory).orElseThrow();
  }

  @Test
  void theNotesOfTwoThousandGroupsAreKept() throws Exception {
    Disk disk = new SystemDisk();
    try (AckNotes notes = AckNotes.open(disk, directory, 1)) {
      for (int index = 1; index <= 5; index++) {
        int now = index;
        notes.now(_ -> notes(GROUPS, now));
      }
    }

    try (AckNotes notes = AckNotes.open(disk, directory, 1)) {
      assertThat(notes.all()).isEqualTo(notes(GROUPS, 5));
    }
  }

  @Test
  void aFileWithTheSmallestSlotsGrowsWithItsGroupsAndIsReadAtEachSize() throws Exception {
    Disk disk = new SystemDisk();
    for (int groups = 1; groups <= 3 * GROUPS; groups *= 3) {
      for (int index = 1; index <= 4; index++) {
        NoteFile file = NoteFile.open(disk, directory).file();
        file.writeUnforced(notes(groups, index));
        file.write(notes(groups, index + 10));
        file.close();

        assertThat(found(disk, directory)).isEqualTo(notes(groups, index + 10));
      }
    }
  }

  @Test
  void aTornWriteOfALargeNoteLeavesTheOneThatWasForcedBefore() throws Exception {
    Random random = new Random(seed);
    Disk disk = new SystemDisk();
    Path path = directory.resolve("acked");
    NoteFile file = NoteFile.open(disk, directory).file();
    file.write(notes(GROUPS, 1));
    int forced = 1;
    for (int index = 2; index < 12; index++) {
      byte[] before = Files.readAllBytes(path);
      int forcedBefore = forced;
      if (random.nextBoolean()) {
        forced = index;
        file.write(notes(GROUPS, index));
      } else {
        file.writeUnforced(notes(GROUPS, index));
      }
      byte[] after = Files.readAllBytes(path);
      byte[] torn = after.clone();
      int first = 0;
      while (before[first] == after[first]) {
        first++;
      }
      int from = first + 1 + random.nextInt(100_000);
      System.arraycopy(before, from, torn, from, before.length - from);
      Path copy = Files.createDirectories(directory.resolve("torn"));
      Files.write(copy.resolve("acked"), torn);

      assertThat(found(disk, copy))
          .as("seed %d index %d", seed, index)
          .isIn(notes(GROUPS, forcedBefore), notes(GROUPS, index - 1));
    }
    file.close();
  }

  @Test
  void aNoteThatMadeTheSlotsLargerSurvivesPowerCuts() throws Exception {
    ForgetfulDisk disk = new ForgetfulDisk();
    disk.createDirectories(directory);
    for (Path path = directory; path != null; path = path.getParent()) {
      disk.forceDirectory(path);
    }
    NoteFile file = NoteFile.open(disk, directory).file();
    file.write(notes(1, 1));
    file.write(notes(GROUPS, 2));
    ForgetfulDisk grown = disk.fork();
    file.writeUnforced(notes(GROUPS, 3));

    for (int cut = 0; cut < 20; cut++) {
      ForgetfulDisk after = grown.fork();
      after.powerCut(new Random(seed + cut));
      assertThat(found(after, directory)).as("seed %d", seed + cut).isEqualTo(notes(GROUPS, 2));
      ForgetfulDisk later = disk.fork();
      later.powerCut(new Random(seed + cut));
      assertThat(found(later, directory))
          .as("seed %d", seed + cut)
          .isIn(notes(GROUPS, 2), notes(GROUPS, 3));
    }
  }

  @Test
  void theNotesOfAFewGroupsAreWrittenAsAnOlderBuildReadsThem() throws Exception {
    Disk disk = new SystemDisk();
    NoteFile file = NoteFile.open(disk, directory).file();
    file.write(notes(3, 1));
    file.close();

    byte[] bytes = Files.readAllBytes(directory.resolve("acked"));

    assertThat(bytes).startsWith('O', 'T', 'A', 'K', 0, 0, 0, 1);
  }
}
