package io.ottla.server;

import io.ottla.disk.OwnersOnly;
import io.ottla.disk.SystemDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the libraries that are partly native (zstd, snappy, lz4, SQLite) unpack that part, to load
 * it from there: Java's directory for temporary files, or one of our own where nothing can be
 * written or loaded there (full, missing, mounted {@code noexec}). Immutable.
 *
 * <pre>{@code
 * <data-dir>/.native/process-*    a process' own; of killed ones until the next start
 * }</pre>
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
  private static final String PARENT = ".native";

  /** About what the libraries unpack. */
  private static final int NEEDED_BYTES = 8 << 20;

  private final SystemDisk disk = new SystemDisk();
  private final List<Path> dataDirectories;
  private final Optional<Path> own;

  private TemporaryDirectory(List<Path> dataDirectories, Optional<Path> own) {
    this.dataDirectories = dataDirectories;
    this.own = own;
  }

  /**
   * Makes sure that there is one, before anything is unpacked. If there is none, the server goes on
   * without what needs it. What other processes use is not touched: the data directories may be
   * another one's.
   */
  static TemporaryDirectory choose(List<Path> dataDirectories) {
    TemporaryDirectory chosen = find(Path.of(System.getProperty(PROPERTY)), dataDirectories);
    chosen.own.ifPresent(
        own -> {
          System.setProperty(PROPERTY, own.toString());
          for (String library : OF_LIBRARIES) {
            System.setProperty(library, System.getProperty(library, own.toString()));
          }
        });
    return chosen;
  }

  static TemporaryDirectory find(Path usual, List<Path> dataDirectories) {
    if (isUsable(usual)) {
      return new TemporaryDirectory(dataDirectories, Optional.empty());
    }
    for (Path dataDirectory : dataDirectories) {
      Path own;
      try {
        Path parent = dataDirectory.resolve(PARENT);
        Files.createDirectories(parent, OwnersOnly.directory());
        own = Files.createTempDirectory(parent, "process-", OwnersOnly.directory());
      } catch (IOException e) {
        LOG.warn("directory cannot be made: directory={}", dataDirectory.resolve(PARENT), e);
        continue;
      }
      if (isUsable(own)) {
        LOG.warn("nothing can be loaded from {}: libraries are unpacked to {}", usual, own);
        return new TemporaryDirectory(dataDirectories, Optional.of(own));
      }
    }
    LOG.error("nothing can be loaded from {} nor below the data directories", usual);
    return new TemporaryDirectory(dataDirectories, Optional.empty());
  }

  /** The one below a data directory, if the usual one cannot be used. */
  Optional<Path> own() {
    return own;
  }

  /** What killed processes left. Only whoever holds the lock of the data directories may do it. */
  void deleteLeftOvers() {
    for (Path dataDirectory : dataDirectories) {
      Path parent = dataDirectory.resolve(PARENT);
      try {
        for (Path entry : disk.list(parent)) {
          if (!own.equals(Optional.of(entry))) {
            disk.deleteTree(entry);
          }
        }
      } catch (IOException e) {
        LOG.warn("what killed processes left cannot be removed: directory={}", parent, e);
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
