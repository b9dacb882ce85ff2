package io.ottla.log;

import io.ottla.disk.Disk;
import io.ottla.disk.DiskFile;
import java.io.IOException;
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
 * does not name are removed, be they younger, older or compacted since, indexes that are missing
 * are made anew. One owner, used once; nobody else uses the directory.
 *
 * <p>What the checkpoint promises is never guessed: a file that is shorter, or whose active part
 * cannot be walked through, is a lost log.
 */
final class LogRestorer {
  private final Disk disk;
  private final Path directory;
  private final LogConfig config;
  private final OpenFiles openFiles;

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
    for (SegmentSummary summary : summaries) {
      cut(summary, files);
    }
    List<Segment> segments = new ArrayList<>();
    for (int i = 0; i < summaries.size(); i++) {
      boolean active = i == summaries.size() - 1;
      long nextOffset = active ? checkpoint.endOffset() : summaries.get(i + 1).baseOffset();
      segments.add(open(summaries.get(i), nextOffset, active, files));
    }
    return segments;
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

  private void cut(SegmentSummary summary, Map<String, Path> files) throws IOException {
    String name = SegmentNames.name(summary, SegmentNames.LOG);
    Path path = directory.resolve(name);
    long sizeBytes = files.containsKey(name) ? disk.sizeBytes(path) : -1;
    if (sizeBytes < summary.sizeBytes()) {
      throw new LostLogException(
          "the file is shorter than its checkpoint: file=%s sizeBytes=%d promisedBytes=%d"
              .formatted(path, sizeBytes, summary.sizeBytes()));
    }
    if (sizeBytes > summary.sizeBytes()) {
      try (DiskFile file = disk.open(path, Disk.OpenMode.READ_WRITE)) {
        file.truncate(summary.sizeBytes());
      }
    }
  }

  private Segment open(
      SegmentSummary summary, long nextOffset, boolean active, Map<String, Path> files)
      throws IOException {
    Segment segment = Segment.open(disk, directory, openFiles, summary, nextOffset);
    Path offsetIndex = files.get(SegmentNames.name(summary, SegmentNames.OFFSET_INDEX));
    Path timeIndex = files.get(SegmentNames.name(summary, SegmentNames.TIME_INDEX));
    if (!active
        && isWhole(offsetIndex, OffsetIndex.ENTRY_BYTES)
        && isWhole(timeIndex, TimeIndex.ENTRY_BYTES)) {
      return segment;
    }
    try {
      segment.rebuildIndexes(config.indexIntervalBytes(), active);
      if (!segment.indexesAreEmpty() || !isEmpty(offsetIndex) || !isEmpty(timeIndex)) {
        segment.writeIndexes();
      }
    } catch (CorruptBatchException e) {
      segment.close();
      LostLogException lost = new LostLogException(e.getMessage());
      lost.initCause(e);
      throw lost;
    }
    return segment;
  }

  private boolean isEmpty(Path index) throws IOException {
    return index != null && disk.sizeBytes(index) == 0;
  }

  private boolean isWhole(Path index, int entryBytes) throws IOException {
    return index != null && disk.sizeBytes(index) % entryBytes == 0;
  }
}
