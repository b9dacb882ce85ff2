package io.ottla.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ForgetfulDiskTest {
  private static final Path DIRECTORY = Path.of("/d");
  private static final Path FILE = DIRECTORY.resolve("f");

  @Test
  void forcedBytesUnderAForcedNameSurvive() throws IOException {
    for (int seed = 0; seed < 50; seed++) {
      ForgetfulDisk disk = withDirectory();
      disk.writeDurably(FILE, bytes("kept"));

      disk.powerCut(new Random(seed));

      assertThat(disk.readAll(FILE)).isEqualTo(bytes("kept"));
    }
  }

  @Test
  void whatWasNotForcedMayBeThereOrNotOrInPart() throws IOException {
    Set<String> seen = new TreeSet<>();
    for (int seed = 0; seed < 300; seed++) {
      ForgetfulDisk disk = withDirectory();
      disk.writeDurably(FILE, bytes("ab"));
      try (DiskFile file = disk.open(FILE, Disk.OpenMode.READ_WRITE)) {
        file.write(ByteBuffer.wrap(bytes("cd")), 2);
        file.write(ByteBuffer.wrap(bytes("ef")), 4);
      }

      disk.powerCut(new Random(seed));

      seen.add(new String(disk.readAll(FILE), StandardCharsets.UTF_8).replace('\0', '0'));
    }
    assertThat(seen).contains("ab", "abc", "abcd", "abcde", "abcdef", "ab00ef", "ab00e");
  }

  @Test
  void anUnforcedRenameMayBeUndone() throws IOException {
    Set<String> seen = new TreeSet<>();
    for (int seed = 0; seed < 50; seed++) {
      ForgetfulDisk disk = withDirectory();
      disk.writeDurably(FILE, bytes("old"));
      disk.writeDurably(DIRECTORY.resolve("g"), bytes("new"));
      disk.rename(DIRECTORY.resolve("g"), FILE);

      disk.powerCut(new Random(seed));

      seen.add(new String(disk.readAll(FILE), StandardCharsets.UTF_8) + disk.list(DIRECTORY));
    }
    assertThat(seen).containsExactly("new[/d/f]", "old[/d/f, /d/g]");
  }

  @Test
  void everythingFailsBetweenTheCutAndTheRestart() throws IOException {
    ForgetfulDisk disk = withDirectory();
    disk.writeDurably(FILE, bytes("kept"));
    DiskFile open = disk.open(FILE, Disk.OpenMode.READ_WRITE);
    disk.cutPowerAfter(1);

    open.write(ByteBuffer.wrap(bytes("X")), 0);

    assertThatThrownBy(open::force).isInstanceOf(ForgetfulDisk.PowerCutException.class);
    assertThatThrownBy(() -> disk.list(DIRECTORY))
        .isInstanceOf(ForgetfulDisk.PowerCutException.class);
    disk.powerCut(new Random(1));
    assertThatThrownBy(open::sizeBytes).isInstanceOf(IOException.class);
    assertThat(disk.readAll(FILE)).hasSize(4);
  }

  private static ForgetfulDisk withDirectory() throws IOException {
    ForgetfulDisk disk = new ForgetfulDisk();
    disk.createDirectories(DIRECTORY);
    disk.forceDirectory(Path.of("/"));
    return disk;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
