package io.ottla.disk;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Set;

/**
 * The machine's own file system. Thread-safe.
 *
 * <p>What it makes is its owner's only: files 0600, directories 0700. Where a file system has no
 * such permissions, it has the system's own.
 */
public final class SystemDisk implements Disk {
  /**
   * The most to move at once through a heap buffer: the JDK keeps a direct buffer of the largest
   * size that a thread ever moved.
   */
  private static final int TRANSFER_BYTES = 1024 * 1024;

  private static final Set<OpenOption> CREATE_OPTIONS =
      Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);

  @Override
  public DiskFile open(Path path, OpenMode mode) throws IOException {
    FileChannel channel =
        switch (mode) {
          case READ -> FileChannel.open(path, StandardOpenOption.READ);
          case READ_WRITE ->
              FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
          case CREATE -> FileChannel.open(path, CREATE_OPTIONS, OwnersOnly.file());
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
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            if (failure instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw failure;
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
    Files.createDirectories(directory, OwnersOnly.directory());
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public List<Path> list(Path directory) throws IOException {
    // A file is never opened for this: closing it would let go of every lock of this process on it.
    try {
      if (!Files.readAttributes(directory, BasicFileAttributes.class).isDirectory()) {
        throw new NotDirectoryException(directory.toString());
      }
    } catch (NoSuchFileException e) {
      return List.of();
    }
    try (var entries = Files.list(directory)) {
      return entries.sorted().toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  @Override
  public boolean exists(Path path) throws IOException {
    try {
      Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    } catch (FileSystemException e) {
      // Nothing has a name within a file; Java has no exception of its own for that.
      Path parent = path.toAbsolutePath().getParent();
      if (parent != null && Files.isRegularFile(parent)) {
        return false;
      }
      throw e;
    }
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

  /** By the directory's name each time: a file store of Java's keeps to what was mounted once. */
  @Override
  public DiskSpace space(Path directory) throws IOException {
    long totalBytes = directory.toFile().getTotalSpace();
    if (totalBytes == 0) {
      throw new IOException("room cannot be found out: directory=" + directory);
    }
    return new DiskSpace(directory.toFile().getUsableSpace(), totalBytes);
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
      // What is needed to read the bytes again comes along; the time of the change need not.
      channel.force(false);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
