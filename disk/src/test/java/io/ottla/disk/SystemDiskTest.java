package io.ottla.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemDiskTest {
  private final Disk disk = new SystemDisk();
  @TempDir private Path temp;

  @Test
  void largeTransfersArriveWhole() throws IOException {
    byte[] bytes = new byte[3 * 1024 * 1024 + 17];
    new Random(3).nextBytes(bytes);
    Path path = temp.resolve("large");

    ByteBuffer read = ByteBuffer.allocate(bytes.length + 5);
    int count;
    try (DiskFile file = disk.open(path, Disk.OpenMode.CREATE)) {
      ByteBuffer source = ByteBuffer.wrap(bytes);
      file.write(source, 0);
      assertThat(source.hasRemaining()).isFalse();
      count = file.read(read, 0);
    }

    assertThat(count).isEqualTo(bytes.length);
    assertThat(read.position()).isEqualTo(bytes.length);
    assertThat(read.limit()).isEqualTo(bytes.length + 5);
    assertThat(Files.readAllBytes(path)).isEqualTo(bytes);
  }

  @Test
  void openSaysWhetherTheFileMustExist() throws IOException {
    Path path = temp.resolve("f");

    assertThatThrownBy(() -> disk.open(path, Disk.OpenMode.READ))
        .isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> disk.open(path, Disk.OpenMode.READ_WRITE))
        .isInstanceOf(NoSuchFileException.class);
    disk.open(path, Disk.OpenMode.CREATE).close();
    assertThatThrownBy(() -> disk.open(path, Disk.OpenMode.CREATE))
        .isInstanceOf(FileAlreadyExistsException.class);
  }

  @Test
  void aTreeIsDeletedWithoutFollowingLinks() throws IOException {
    Path outside = Files.createDirectory(temp.resolve("outside"));
    Files.writeString(outside.resolve("kept"), "kept");
    Path tree = temp.resolve("tree");
    disk.createDirectories(tree.resolve("a/b"));
    disk.writeDurably(tree.resolve("a/b/c"), new byte[] {1});
    Files.createSymbolicLink(tree.resolve("link"), outside);

    disk.deleteTree(tree);
    disk.deleteTree(tree);

    assertThat(tree).doesNotExist();
    assertThat(outside.resolve("kept")).hasContent("kept");
  }

  @Test
  void aDurableWriteReplaces() throws IOException {
    Path path = temp.resolve("f");

    disk.writeDurably(path, new byte[] {1, 2, 3});
    disk.writeDurably(path, new byte[] {4});

    assertThat(disk.readAll(path)).containsExactly(4);
    assertThat(disk.list(temp)).containsExactly(path);
    assertThat(disk.sizeBytes(path)).isEqualTo(1);
  }
}
