package io.ottla.log;

import io.ottla.disk.Disk;
import io.ottla.disk.SystemDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures how long it takes to restore logs whose active segments are large: with the indexes that
 * a checkpoint left, and without, when every header is walked. A program, not a test.
 *
 * <p>Arguments: logs, MiB of each, bytes of a record.
 */
final class RestoreSpeed {
  private static final Logger LOGGER = LoggerFactory.getLogger(RestoreSpeed.class);
  private static final LogConfig CONFIG =
      new LogConfig(128 << 20, Long.MAX_VALUE, LogConfig.DEFAULT_INDEX_INTERVAL_BYTES);

  private RestoreSpeed() {}

  public static void main(String[] arguments) throws IOException {
    int logs = Integer.parseInt(arguments[0]);
    long bytes = Long.parseLong(arguments[1]) << 20;
    String record = "x".repeat(Integer.parseInt(arguments[2]));
    Disk disk = new SystemDisk();
    Path directory = Files.createTempDirectory("restore-speed");
    try {
      List<LogCheckpoint> checkpoints = new ArrayList<>();
      for (int i = 0; i < logs; i++) {
        checkpoints.add(fill(disk, directory.resolve("t-" + i), bytes, record));
      }
      measure("with indexes", disk, directory, checkpoints);
      for (int i = 0; i < logs; i++) {
        for (Path file : disk.list(directory.resolve("t-" + i))) {
          if (file.toString().endsWith("index")) {
            disk.delete(file);
          }
        }
      }
      measure("without", disk, directory, checkpoints);
    } finally {
      disk.deleteTree(directory);
    }
  }

  private static LogCheckpoint fill(Disk disk, Path directory, long bytes, String record)
      throws IOException {
    try (PartitionLog log = PartitionLog.create(disk, directory, CONFIG, new OpenFiles(1))) {
      for (int i = 0; log.sizeBytes() < bytes; i++) {
        log.append(Logs.batch(i, record), 1, i);
      }
      LogCapture capture = log.capture();
      capture.force();
      return capture.checkpoint();
    }
  }

  private static void measure(
      String what, Disk disk, Path directory, List<LogCheckpoint> checkpoints) throws IOException {
    OpenFiles openFiles = new OpenFiles(1_000);
    long startNanos = System.nanoTime();
    for (int i = 0; i < checkpoints.size(); i++) {
      PartitionLog.restore(disk, directory.resolve("t-" + i), CONFIG, openFiles, checkpoints.get(i))
          .close();
    }
    LOGGER.info(
        "restored: {} logs={} millis={}",
        what,
        checkpoints.size(),
        (System.nanoTime() - startNanos) / 1_000_000);
  }
}
