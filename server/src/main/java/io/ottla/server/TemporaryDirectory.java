package io.ottla.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the libraries that are partly native (zstd, snappy, lz4, SQLite) unpack that part, to load
 * it from there: Java's directory for temporary files, or one of our own where nothing can be
 * written or loaded there (full, missing, mounted {@code noexec}).
 */
final class TemporaryDirectory {
  private static final Logger LOG = LoggerFactory.getLogger(TemporaryDirectory.class);
  private static final String PROPERTY = "java.io.tmpdir";

  /**
   * Java makes temporary files where it was told at its start; lz4 does without its native part.
   */
  private static final List<String> OF_LIBRARIES =
      List.of("ZstdTempFolder", "org.xerial.snappy.tempdir", "org.sqlite.tmpdir");

  /** No cluster's directory can have this name. */
  private static final String OWN = ".native";

  /** About what the libraries unpack. */
  private static final int NEEDED_BYTES = 8 << 20;

  private TemporaryDirectory() {}

  /**
   * Makes sure that there is one, before anything is unpacked. If there is none, the server goes on
   * without what needs it.
   */
  static void choose(List<Path> dataDirectories) {
    Path usual = Path.of(System.getProperty(PROPERTY));
    if (isUsable(usual)) {
      return;
    }
    for (Path dataDirectory : dataDirectories) {
      Path own = dataDirectory.resolve(OWN);
      try {
        Files.createDirectories(own);
        deleteLeftOvers(own);
      } catch (IOException e) {
        LOG.warn("directory cannot be made: directory={}", own, e);
        continue;
      }
      if (isUsable(own)) {
        LOG.warn("nothing can be loaded from {}: libraries are unpacked to {}", usual, own);
        System.setProperty(PROPERTY, own.toString());
        for (String library : OF_LIBRARIES) {
          System.setProperty(library, System.getProperty(library, own.toString()));
        }
        return;
      }
    }
    LOG.error("nothing can be loaded from {} nor below the data directories", usual);
  }

  /** What a killed process left: whoever runs still has it open. */
  private static void deleteLeftOvers(Path own) throws IOException {
    try (var entries = Files.list(own)) {
      for (Path entry : entries.toList()) {
        Files.deleteIfExists(entry);
      }
    }
  }

  /** On a {@code noexec} mount no file is executable, whatever its mode says. */
  private static boolean isUsable(Path directory) {
    Path probe = directory.resolve("ottla-probe-" + ProcessHandle.current().pid());
    try {
      var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
      Files.deleteIfExists(probe);
      Files.createFile(probe, mode);
      try (FileChannel file = FileChannel.open(probe, StandardOpenOption.WRITE)) {
        ByteBuffer zeros = ByteBuffer.allocate(NEEDED_BYTES);
        while (zeros.hasRemaining()) {
          file.write(zeros);
        }
      }
      return Files.isExecutable(probe);
    } catch (IOException | UnsupportedOperationException e) {
      LOG.debug("not usable: directory={}", directory, e);
      return e instanceof UnsupportedOperationException;
    } finally {
      deleteQuietly(probe);
    }
  }

  private static void deleteQuietly(Path probe) {
    try {
      Files.deleteIfExists(probe);
    } catch (IOException e) {
      LOG.debug("probe not deleted: file={}", probe, e);
    }
  }
}
