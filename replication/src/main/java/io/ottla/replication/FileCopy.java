package io.ottla.replication;

import io.ottla.disk.Disk;
import io.ottla.disk.Disk.OpenMode;
import io.ottla.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How a replica's file becomes another replica's. Stateless. */
final class FileCopy {
  private static final Logger log = LoggerFactory.getLogger(FileCopy.class);
  private static final int CHUNK_BYTES = 256 * 1024;

  private FileCopy() {}

  /** Where the bytes come from. */
  @FunctionalInterface
  interface Source {
    /** Reads as {@link DiskFile#read} does; 0 at or behind the end. */
    int read(ByteBuffer target, long positionBytes) throws IOException;
  }

  /**
   * Makes the file and forces it; its name is not durable yet. What the source lacks of its end
   * becomes zeros: it is damage like any other, and known as such.
   *
   * @param lengthBytes how long the file is then
   * @param target must not exist
   * @param abandoned asked before each chunk
   * @throws IOException also if it was abandoned
   */
  static void copy(
      Disk disk, Source source, long lengthBytes, Path target, BooleanSupplier abandoned)
      throws IOException {
    ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
    try (DiskFile out = disk.open(target, OpenMode.CREATE)) {
      for (long position = 0; position < lengthBytes; ) {
        if (abandoned.getAsBoolean()) {
          throw new IOException("copy abandoned: file=" + target);
        }
        chunk.clear().limit((int) Math.min(CHUNK_BYTES, lengthBytes - position));
        int count = source.read(chunk, position);
        if (count <= 0) {
          log.warn("source is short: file={} sizeBytes={}", target, position);
          out.write(ByteBuffer.allocate(1), lengthBytes - 1);
          break;
        }
        out.write(chunk.flip(), position);
        position += count;
      }
      out.force();
    }
  }
}
