package io.ottla.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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
  void onlyWhatIsNotThereIsMissing() throws IOException {
    Path loop = Files.createSymbolicLink(temp.resolve("loop"), temp.resolve("loop"));
    Path dangling = Files.createSymbolicLink(temp.resolve("dangling"), temp.resolve("nowhere"));
    Path file = Files.writeString(temp.resolve("file"), "");

    assertThat(disk.exists(file)).isTrue();
    assertThat(disk.exists(dangling)).isTrue();
    assertThat(disk.exists(temp.resolve("missing"))).isFalse();
    assertThat(disk.exists(temp.resolve("missing/below"))).isFalse();
    assertThat(disk.exists(file.resolve("below"))).isFalse();
    assertThatThrownBy(() -> disk.exists(loop.resolve("below"))).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> disk.exists(temp.resolve("n".repeat(300))))
        .isInstanceOf(IOException.class);
  }

  @Test
  void onlyAMissingDirectoryIsListedAsEmpty() throws IOException {
    Path loop = Files.createSymbolicLink(temp.resolve("loop"), temp.resolve("loop"));
    Path file = Files.writeString(temp.resolve("file"), "");

    assertThat(disk.list(temp.resolve("missing"))).isEmpty();
    assertThatThrownBy(() -> disk.list(loop)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> disk.list(file)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> disk.deleteTree(loop.resolve("below")))
        .isInstanceOf(IOException.class);
  }

  @Test
  void whatIsMadeIsItsOwnersOnly() throws IOException {
    Path directory = temp.resolve("a/b");

    disk.createDirectories(directory);
    disk.open(directory.resolve("opened"), Disk.OpenMode.CREATE).close();
    disk.writeDurably(directory.resolve("written"), new byte[] {1});

    assertThat(permissions(temp.resolve("a"))).isEqualTo("rwx------");
    assertThat(permissions(directory)).isEqualTo("rwx------");
    assertThat(permissions(directory.resolve("opened"))).isEqualTo("rw-------");
    assertThat(permissions(directory.resolve("written"))).isEqualTo("rw-------");
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
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
