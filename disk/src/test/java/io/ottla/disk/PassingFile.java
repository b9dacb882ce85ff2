package io.ottla.disk;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Passes everything on to another file; for those that do something besides. */
public class PassingFile implements DiskFile {
  private final DiskFile real;

  /** Passes on to that. */
  protected PassingFile(DiskFile real) {
    this.real = real;
  }

  @Override
  public int read(ByteBuffer target, long positionBytes) throws IOException {
    return real.read(target, positionBytes);
  }

  @Override
  public void write(ByteBuffer source, long positionBytes) throws IOException {
    real.write(source, positionBytes);
  }

  @Override
  public long sizeBytes() throws IOException {
    return real.sizeBytes();
  }

  @Override
  public void truncate(long sizeBytes) throws IOException {
    real.truncate(sizeBytes);
  }

  @Override
  public void force() throws IOException {
    real.force();
  }

  @Override
  public void close() throws IOException {
    real.close();
  }
}
