package io.ottla.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * The machine's disk, and a {@link ForgetfulDisk} that is told the same: so code that reads files
 * by itself can be tried with power cuts. Nothing is really forced. Thread-safe.
 *
 * <p>An operation is done on the machine's disk first. It returns when the other one has it, too.
 */
public final class MirroredDisk implements Disk {
  private final Disk real = new SystemDisk();
  private final ForgetfulDisk model;

  public MirroredDisk(ForgetfulDisk model) {
    this.model = model;
  }

  @Override
  public synchronized DiskFile open(Path path, OpenMode mode) throws IOException {
    DiskFile file = real.open(path, mode);
    try {
      return new MirroredFile(file, model.open(path, mode));
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  @Override
  public synchronized void rename(Path from, Path to) throws IOException {
    real.rename(from, to);
    model.rename(from, to);
  }

  @Override
  public synchronized void delete(Path path) throws IOException {
    real.delete(path);
    model.delete(path);
  }

  @Override
  public synchronized void deleteTree(Path path) throws IOException {
    real.deleteTree(path);
    model.deleteTree(path);
  }

  @Override
  public synchronized void createDirectories(Path directory) throws IOException {
    real.createDirectories(directory);
    model.createDirectories(directory);
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    model.forceDirectory(directory);
  }

  @Override
  public List<Path> list(Path directory) throws IOException {
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
    return real.readAll(path);
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

  private static final class MirroredFile extends PassingFile {
    private final DiskFile model;

    MirroredFile(DiskFile real, DiskFile model) {
      super(real);
      this.model = model;
    }

    @Override
    public void write(ByteBuffer source, long positionBytes) throws IOException {
      ByteBuffer again = source.duplicate();
      super.write(source, positionBytes);
      model.write(again, positionBytes);
    }

    @Override
    public void truncate(long sizeBytes) throws IOException {
      super.truncate(sizeBytes);
      model.truncate(sizeBytes);
    }

    @Override
    public void force() throws IOException {
      model.force();
    }

    @Override
    public void close() throws IOException {
      super.close();
      model.close();
    }
  }
}
