package io.ottla.log;

import io.ottla.disk.Disk;
import io.ottla.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Brings a log's directory back to a checkpoint: what is behind it is cut off, segments that it
 * does not name are removed, be they younger, older or compacted since. Of the segment that is
 * appended to, only what lies behind its index is read; of the others, nothing. One owner, used
 * once; nobody else uses the directory.
 *
 * <p>A file that is missing or shorter than promised gets its length back, with zeros: those are
 * damage like any other. Nothing is lost because some of it is.
 */
final class LogRestorer {
  private final Disk disk;
  private final Path directory;
  private final LogConfig config;
  private final OpenFiles openFiles;
  private final List<DamagedRange> damage = new ArrayList<>();

  LogRestorer(Disk disk, Path directory, LogConfig config, OpenFiles openFiles) {
    this.disk = disk;
    this.directory = directory;
    this.config = config;
    this.openFiles = openFiles;
  }

  /** Removes every segment's files from the directory, which is made if it is missing. */
  void clear() throws IOException {
    disk.createDirectories(directory);
    removeOthers(Set.of());
  }

  /** The segments of the checkpoint, in order; the last one may be appended to. */
  List<Segment> restore(LogCheckpoint checkpoint) throws IOException {
    List<SegmentSummary> summaries = checkpoint.segments();
    Set<String> wanted = new HashSet<>();
    for (SegmentSummary summary : summaries) {
      wanted.add(SegmentNames.stem(summary.baseOffset(), summary.compactions()));
    }
    disk.createDirectories(directory);
    Map<String, Path> files = removeOthers(wanted);
    List<Segment> segments = new ArrayList<>();
    for (int i = 0; i < summaries.size(); i++) {
      boolean active = i == summaries.size() - 1;
      long nextOffset = active ? checkpoint.endOffset() : summaries.get(i + 1).baseOffset();
      setSize(summaries.get(i), nextOffset, files);
      segments.add(open(summaries.get(i), nextOffset, active, files));
    }
    return segments;
  }

  /** What was missing of files; after {@link #restore}. */
  List<DamagedRange> damage() {
    return damage;
  }

  private Map<String, Path> removeOthers(Set<String> wanted) throws IOException {
    Map<String, Path> kept = new HashMap<>();
    for (Path path : disk.list(directory)) {
      Optional<String> stem = SegmentNames.stem(path);
      if (stem.isEmpty() || wanted.contains(stem.get())) {
        kept.put(path.getFileName().toString(), path);
      } else {
        disk.delete(path);
      }
    }
    return kept;
  }

  private void setSize(SegmentSummary summary, long nextOffset, Map<String, Path> files)
      throws IOException {
    String name = SegmentNames.name(summary, SegmentNames.LOG);
    Path path = directory.resolve(name);
    boolean exists = files.containsKey(name);
    long sizeBytes = exists ? disk.sizeBytes(path) : 0;
    if (exists && sizeBytes == summary.sizeBytes()) {
      return;
    }
    try (DiskFile file =
        disk.open(path, exists ? Disk.OpenMode.READ_WRITE : Disk.OpenMode.CREATE)) {
      if (sizeBytes > summary.sizeBytes()) {
        file.truncate(summary.sizeBytes());
      } else if (summary.sizeBytes() > 0) {
        file.write(ByteBuffer.allocate(1), summary.sizeBytes() - 1);
        damage.add(missing(path, summary, sizeBytes, nextOffset));
      }
      if (sizeBytes < summary.sizeBytes()) {
        file.force();
      }
    }
    if (!exists) {
      disk.forceDirectory(directory);
    }
  }

  /** The first damaged offset is found when it is looked at. */
  private static DamagedRange missing(
      Path path, SegmentSummary summary, long sizeBytes, long nextOffset) {
    return new DamagedRange(
        path,
        new BatchPlace(summary.baseOffset(), summary.compactions(), sizeBytes),
        summary.sizeBytes() - sizeBytes,
        summary.baseOffset(),
        nextOffset,
        "the file has only %d of %d bytes".formatted(sizeBytes, summary.sizeBytes()));
  }

  private Segment open(
      SegmentSummary summary, long nextOffset, boolean active, Map<String, Path> files)
      throws IOException {
    Segment segment =
        Segment.open(disk, directory, openFiles, summary, nextOffset, config.indexIntervalBytes());
    if (!active) {
      return segment;
    }
    Path offsetIndex = files.get(SegmentNames.name(summary, SegmentNames.OFFSET_INDEX));
    Path timeIndex = files.get(SegmentNames.name(summary, SegmentNames.TIME_INDEX));
    boolean isNew = segment.reopen();
    if (isNew && (!segment.indexesAreEmpty() || !isEmpty(offsetIndex) || !isEmpty(timeIndex))) {
      segment.writeIndexes();
    }
    return segment;
  }

  private boolean isEmpty(Path index) throws IOException {
    return index != null && disk.sizeBytes(index) == 0;
  }
}
