package io.ottla.broker;

import io.ottla.disk.Disk;
import io.ottla.disk.DiskFile;
import io.ottla.disk.DiskSpace;
import io.ottla.disk.PassingFile;
import io.ottla.disk.SystemDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/** The machine's disk, where something happens before each operation. Thread-safe. */
class TroubledDisk implements Disk {
  /** What is about to be done. */
  enum Operation {
    OPEN,
    CREATE,
    READ,
    WRITE,
    FORCE,
    NAME,
    LIST
  }

  /** May block or fail. Called by any thread. */
  interface Trouble {
    void before(Operation operation, Path path) throws IOException;
  }

  private final Disk real = new SystemDisk();
  private volatile Function<Path, DiskSpace> space = _ -> DiskSpace.UNBOUNDED;
  private volatile Trouble trouble = (_, _) -> {};

  /** From now on it is this that happens. */
  void setTrouble(Trouble next) {
    trouble = next;
  }

  /** What {@link #space} says from now on. */
  void setSpace(Function<Path, DiskSpace> next) {
    space = next;
  }

  @Override
  public DiskSpace space(Path directory) {
    return space.apply(directory);
  }

  @Override
  public DiskFile open(Path path, OpenMode mode) throws IOException {
    trouble.before(mode == OpenMode.CREATE ? Operation.CREATE : Operation.OPEN, path);
    return new TroubledFile(real.open(path, mode), path);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    trouble.before(Operation.NAME, to);
    real.rename(from, to);
  }

  @Override
  public void delete(Path path) throws IOException {
    real.delete(path);
  }

  @Override
  public void deleteTree(Path path) throws IOException {
    real.deleteTree(path);
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    trouble.before(Operation.NAME, directory);
    real.createDirectories(directory);
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    trouble.before(Operation.FORCE, directory);
    real.forceDirectory(directory);
  }

  @Override
  public List<Path> list(Path directory) throws IOException {
    trouble.before(Operation.LIST, directory);
    return real.list(directory);
  }

  @Override
  public boolean exists(Path path) throws IOException {
    return real.exists(path);
  }

  @Override
  public long sizeBytes(Path path) throws IOException {
    return real.sizeBytes(path);
  }

  @Override
  public byte[] readAll(Path path) throws IOException {
    trouble.before(Operation.READ, path);
    return real.readAll(path);
  }

  @Override
  public void writeDurably(Path path, byte[] bytes) throws IOException {
    trouble.before(Operation.WRITE, path);
    real.writeDurably(path, bytes);
  }

  private final class TroubledFile extends PassingFile {
    private final Path path;

    TroubledFile(DiskFile file, Path path) {
      super(file);
      this.path = path;
    }

    @Override
    public int read(ByteBuffer target, long positionBytes) throws IOException {
      trouble.before(Operation.READ, path);
      return super.read(target, positionBytes);
    }

    @Override
    public void write(ByteBuffer source, long positionBytes) throws IOException {
      trouble.before(Operation.WRITE, path);
      super.write(source, positionBytes);
    }

    @Override
    public void force() throws IOException {
      trouble.before(Operation.FORCE, path);
      super.force();
    }
  }
}
