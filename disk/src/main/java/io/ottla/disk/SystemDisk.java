package io.ottla.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/** The machine's own file system. Thread-safe. */
public final class SystemDisk implements Disk {
  /**
   * The most to move at once through a heap buffer: the JDK keeps a direct buffer of the largest
   * size that a thread ever moved.
   */
  private static final int TRANSFER_BYTES = 1024 * 1024;

  @Override
  public DiskFile open(Path path, OpenMode mode) throws IOException {
    FileChannel channel =
        switch (mode) {
          case READ -> FileChannel.open(path, StandardOpenOption.READ);
          case READ_WRITE ->
              FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
          case CREATE ->
              FileChannel.open(
                  path,
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE,
                  StandardOpenOption.CREATE_NEW);
        };
    return new ChannelFile(channel);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void delete(Path path) throws IOException {
    Files.deleteIfExists(path);
  }

  @Override
  public void deleteTree(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    Files.createDirectories(directory);
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public List<Path> list(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (var entries = Files.list(directory)) {
      return entries.sorted().toList();
    }
  }

  @Override
  public boolean exists(Path path) {
    return Files.exists(path);
  }

  @Override
  public long sizeBytes(Path path) throws IOException {
    return Files.size(path);
  }

  @Override
  public byte[] readAll(Path path) throws IOException {
    return Files.readAllBytes(path);
  }

  @Override
  public void writeDurably(Path path, byte[] bytes) throws IOException {
    Path beside = path.resolveSibling(path.getFileName() + ".tmp");
    delete(beside);
    try (DiskFile file = open(beside, OpenMode.CREATE)) {
      file.write(ByteBuffer.wrap(bytes), 0);
      file.force();
    }
    rename(beside, path);
    forceDirectory(path.toAbsolutePath().getParent());
  }

  private record ChannelFile(FileChannel channel) implements DiskFile {
    @Override
    public int read(ByteBuffer target, long positionBytes) throws IOException {
      int total = 0;
      int limit = target.limit();
      while (target.position() < limit) {
        target.limit(Math.min(limit, target.position() + TRANSFER_BYTES));
        int count = channel.read(target, positionBytes + total);
        if (count < 0) {
          break;
        }
        total += count;
      }
      target.limit(limit);
      return total;
    }

    @Override
    public void write(ByteBuffer source, long positionBytes) throws IOException {
      long position = positionBytes;
      int limit = source.limit();
      while (source.position() < limit) {
        if (!source.isDirect()) {
          source.limit(Math.min(limit, source.position() + TRANSFER_BYTES));
        }
        position += channel.write(source, position);
      }
      source.limit(limit);
    }

    @Override
    public long sizeBytes() throws IOException {
      return channel.size();
    }

    @Override
    public void truncate(long sizeBytes) throws IOException {
      channel.truncate(sizeBytes);
    }

    @Override
    public void force() throws IOException {
      channel.force(true);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
