package io.ottla.replication.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.disk.Disk;
import io.ottla.disk.ForgetfulDisk;
import io.ottla.disk.SystemDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.UUID;
import org.apache.ratis.server.protocol.TermIndex;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AckNotesTest {
  private static final UUID GROUP = new UUID(1, 2);
  private static final int UNFORCED_SLOT_AT = 128 * 1024;

  @TempDir Path directory;
  private final Disk disk = new SystemDisk();

  private static GroupNote note(long term, long index) {
    return new GroupNote(
        TermIndex.valueOf(term, index),
        TermIndex.valueOf(term, index - 1),
        term + 1,
        OptionalLong.of(index * 31),
        Map.of(1, TermIndex.valueOf(term, index), 2, TermIndex.INITIAL_VALUE));
  }

  private void write(long index) throws IOException {
    try (AckNotes notes = AckNotes.open(disk, directory, 1)) {
      notes.change(GROUP, _ -> note(3, index));
    }
  }

  @Test
  void whatWasNotedIsThereAfterAnewOpen() throws Exception {
    try (AckNotes notes = AckNotes.open(disk, directory, 1)) {
      assertThat(notes.foundWhole()).isFalse();
      assertThat(notes.of(GROUP)).isEmpty();
      for (int index = 1; index <= 5; index++) {
        int now = index;
        notes.change(GROUP, _ -> note(3, now));
      }
    }

    try (AckNotes notes = AckNotes.open(disk, directory, 1)) {
      assertThat(notes.foundWhole()).isTrue();
      assertThat(notes.of(GROUP)).contains(note(3, 5));
      notes.rebuilt(GROUP, TermIndex.valueOf(2, 9));
      assertThat(notes.of(GROUP).orElseThrow().end()).isEqualTo(TermIndex.valueOf(2, 9));
    }
  }

  @Test
  void aTornWriteLeavesTheNoteBeforeIt() throws Exception {
    long seed = Long.getLong("ottla.seed", System.nanoTime());
    Random random = new Random(seed);
    Path file = directory.resolve("acked");
    write(1);
    for (int index = 2; index < 40; index++) {
      byte[] before = Files.readAllBytes(file);
      write(index);
      byte[] after = Files.readAllBytes(file);
      byte[] torn = after.clone();
      int changed = 0;
      while (changed < before.length && before[changed] == after[changed]) {
        changed++;
      }
      for (int i = changed + random.nextInt(60); i < torn.length; i++) {
        torn[i] = i < before.length ? before[i] : 0;
      }
      Files.write(file, torn);

      try (AckNotes notes = AckNotes.open(disk, directory, 1)) {
        assertThat(notes.of(GROUP).orElseThrow().end().getIndex())
            .as("seed %d", seed)
            .isBetween(index - 1L, (long) index);
      }
      write(index);
    }
  }

  /** A process that ends keeps what it wrote; a power cut keeps at least what was forced. */
  @Test
  void whateverBecomesOfTheUnforcedSlotTheForcedNoteIsThere() throws Exception {
    long seed = Long.getLong("ottla.seed", System.nanoTime());
    Random random = new Random(seed);
    Path path = directory.resolve("acked");
    long written = 0;
    long forced = 0;
    for (int life = 0; life < 200; life++) {
      NoteFile.Opened opened = NoteFile.open(disk, directory);
      if (written > 0) {
        long found = opened.notes().orElseThrow().get(GROUP).end().getIndex();
        assertThat(found).as("seed %d", seed).isBetween(forced, written);
        written = found;
      }
      for (int writes = random.nextInt(5); writes >= 0; writes--) {
        written++;
        if (random.nextInt(3) > 0) {
          opened.file().writeUnforced(Map.of(GROUP, note(3, written)));
        } else {
          opened.file().write(Map.of(GROUP, note(3, written)));
          forced = written;
        }
      }
      opened.file().close();
      byte[] bytes = Files.readAllBytes(path);
      if (forced > 0 && bytes.length > UNFORCED_SLOT_AT && random.nextBoolean()) {
        int length = bytes.length - UNFORCED_SLOT_AT;
        bytes[UNFORCED_SLOT_AT + random.nextInt(length)] ^= 1;
        Files.write(path, bytes);
      }
    }
    assertThat(forced).isPositive();
  }

  @Test
  void aNoteThatWasWrittenUnforcedIsForcedWhenNothingChangesAnyMore() throws Exception {
    try (AckNotes notes = AckNotes.open(disk, directory, 1)) {
      notes.every(5, _ -> Map.of(GROUP, note(3, 7)), e -> {});

      Awaitility.await().until(() -> forcedIndex() == 7);
    }
  }

  @Test
  void theNameOfAFileThatAnUnforcedNoteMadeIsForcedWithTheNextNote() throws Exception {
    ForgetfulDisk forgetful = diskWithDirectory();
    NoteFile file = NoteFile.open(forgetful, directory).file();
    file.writeUnforced(Map.of(GROUP, note(3, 1)));
    file.write(Map.of(GROUP, note(3, 2)));

    assertSurvivesPowerCuts(forgetful, note(3, 2));
  }

  @Test
  void aNoteThatAKilledProcessLeftIsForcedBeforeItCounts() throws Exception {
    ForgetfulDisk forgetful = diskWithDirectory();
    NoteFile file = NoteFile.open(forgetful, directory).file();
    file.write(Map.of(GROUP, note(3, 1)));
    file.writeUnforced(Map.of(GROUP, note(3, 2)));
    file.close();

    try (AckNotes notes = AckNotes.open(forgetful, directory, 1)) {
      assertThat(notes.of(GROUP)).contains(note(3, 2));
      notes.change(GROUP, same -> same);
    }
    assertSurvivesPowerCuts(forgetful, note(3, 2));
  }

  private ForgetfulDisk diskWithDirectory() throws IOException {
    ForgetfulDisk forgetful = new ForgetfulDisk();
    forgetful.createDirectories(directory);
    for (Path path = directory; path != null; path = path.getParent()) {
      forgetful.forceDirectory(path);
    }
    return forgetful;
  }

  private void assertSurvivesPowerCuts(ForgetfulDisk disk, GroupNote expected) throws IOException {
    for (int seed = 0; seed < 50; seed++) {
      ForgetfulDisk after = disk.fork();
      after.powerCut(new Random(seed));
      assertThat(AckNotes.look(after, directory, GROUP)).as("seed %d", seed).contains(expected);
    }
  }

  /** What the forced slots say; 0 while they say nothing. */
  private long forcedIndex() throws IOException {
    Path path = directory.resolve("acked");
    if (!Files.exists(path)) {
      return 0;
    }
    byte[] bytes = Files.readAllBytes(path);
    Path copy = Files.createDirectories(directory.resolve("copy"));
    Files.write(
        copy.resolve("acked"), Arrays.copyOf(bytes, Math.min(bytes.length, UNFORCED_SLOT_AT)));
    return AckNotes.look(disk, copy, GROUP).map(note -> note.end().getIndex()).orElse(0L);
  }

  @Test
  void aDamagedFileIsSetAsideAndSaysNothing() throws Exception {
    write(1);
    Path file = directory.resolve("acked");
    byte[] bytes = Files.readAllBytes(file);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] ^= 0x20;
    }
    Files.write(file, bytes);

    try (AckNotes notes = AckNotes.open(disk, directory, 1)) {
      assertThat(notes.foundWhole()).isFalse();
      assertThat(notes.of(GROUP)).isEmpty();
    }

    assertThat(directory.resolve("acked.damaged")).hasBinaryContent(bytes);
  }
}
