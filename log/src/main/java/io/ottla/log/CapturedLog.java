package io.ottla.log;

import io.ottla.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What {@link PartitionLog#capture} gives. */
record CapturedLog(
    PartitionLog log,
    Disk disk,
    LogCheckpoint checkpoint,
    List<Segment.Unforced> unforced,
    List<Segment> doomed,
    long namesVersion)
    implements LogCapture {
  @Override
  public void force() throws IOException {
    for (Segment.Unforced segment : unforced) {
      segment.force();
    }
    if (log.hasUnforcedNames(namesVersion)) {
      disk.forceDirectory(log.directory());
      disk.forceDirectory(log.directory().toAbsolutePath().getParent());
      log.namesForced(namesVersion);
    }
  }

  @Override
  public List<LogFile> files() {
    return checkpoint.segments().stream()
        .map(
            segment ->
                new LogFile(
                    Path.of(SegmentNames.name(segment, SegmentNames.LOG)), segment.sizeBytes()))
        .toList();
  }

  @Override
  public void removeDoomed() throws IOException {
    log.remove(doomed);
  }
}
