package io.ottla.log;

import io.ottla.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** PLACEHOLDER */
public final class PartitionLog implements AutoCloseable {
  private PartitionLog() {}

  public static PartitionLog create(
      Disk disk, Path directory, LogConfig config, OpenFiles openFiles) throws IOException {
    return new PartitionLog();
  }

  public static PartitionLog restore(
      Disk disk, Path directory, LogConfig config, OpenFiles openFiles, LogCheckpoint checkpoint)
      throws IOException {
    return new PartitionLog();
  }

  public long append(ByteBuffer batch, int leaderEpoch, long appendTimeMs) throws IOException {
    return 0;
  }

  public void trimFront(long newStartOffset) throws IOException {}

  public void configure(LogConfig config) {}

  public long startOffset() {
    return 0;
  }

  public long endOffset() {
    return 0;
  }

  public long sizeBytes() {
    return 0;
  }

  public int latestEpoch() {
    return -1;
  }

  public Path directory() {
    return Path.of("");
  }

  public List<SegmentSummary> segments() {
    return List.of();
  }

  public ReadResult read(long offset, int maxBytes) throws IOException {
    return new ReadResult.OutOfRange(0, 0);
  }

  public OptionalLong offsetForTimestamp(long timestampMs) throws IOException {
    return OptionalLong.empty();
  }

  public LogCapture capture() {
    return null;
  }

  @Override
  public void close() throws IOException {}
}
