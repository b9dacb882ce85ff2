package io.ottla.log;

import io.ottla.disk.Disk;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a log consists of at one moment: enough to cut its files back to it. Immutable.
 *
 * <pre>{@code
 * byte version (2) | long startOffset | long endOffset
 * int segments, each: long baseOffset, sizeBytes, lastAppendTimeMs, maxTimestampMs, firstAppendTimeMs
 *                     | int compactions, from version 2 on
 * int epochs, each: int epoch | long startOffset
 * }</pre>
 *
 * <p>Its bytes carry no checksum: the checkpoint file around them does.
 *
 * @param startOffset the first offset that may be read
 * @param endOffset the offset that the next record gets
 * @param segments in the order of their offsets, at least one; the last one is the active one
 * @param epochs the leaders' terms that appended what is there, in order
 */
public record LogCheckpoint(
    long startOffset, long endOffset, List<SegmentSummary> segments, List<EpochStart> epochs) {
  private static final int FIRST_VERSION = 1;
  private static final int VERSION = 2;

  public LogCheckpoint {
    segments = List.copyOf(segments);
    epochs = List.copyOf(epochs);
    if (segments.isEmpty() || startOffset < 0 || endOffset < startOffset) {
      throw new IllegalArgumentException(
          "no log is like this: startOffset=%d endOffset=%d segments=%d"
              .formatted(startOffset, endOffset, segments.size()));
    }
  }

  /** Whether a directory has a file of each segment that is long enough; reads none of them. */
  public boolean isIn(Disk disk, Path directory) throws IOException {
    for (SegmentSummary segment : segments) {
      Path file = directory.resolve(SegmentNames.name(segment, SegmentNames.LOG));
      if (!disk.exists(file) || disk.sizeBytes(file) < segment.sizeBytes()) {
        return false;
      }
    }
    return true;
  }

  public void writeTo(DataOutput out) throws IOException {
    out.writeByte(VERSION);
    out.writeLong(startOffset);
    out.writeLong(endOffset);
    out.writeInt(segments.size());
    for (SegmentSummary segment : segments) {
      out.writeLong(segment.baseOffset());
      out.writeLong(segment.sizeBytes());
      out.writeLong(segment.lastAppendTimeMs());
      out.writeLong(segment.maxTimestampMs());
      out.writeLong(segment.firstAppendTimeMs());
      out.writeInt(segment.compactions());
    }
    out.writeInt(epochs.size());
    for (EpochStart epoch : epochs) {
      out.writeInt(epoch.epoch());
      out.writeLong(epoch.startOffset());
    }
  }

  public static LogCheckpoint readFrom(DataInput in) throws IOException {
    int version = in.readUnsignedByte();
    if (version < FIRST_VERSION || version > VERSION) {
      throw new IOException("log checkpoint of unknown version " + version);
    }
    long startOffset = in.readLong();
    long endOffset = in.readLong();
    int segmentCount = in.readInt();
    List<SegmentSummary> segments = new ArrayList<>();
    for (int i = 0; i < segmentCount; i++) {
      segments.add(readSegment(in, version));
    }
    int epochCount = in.readInt();
    List<EpochStart> epochs = new ArrayList<>();
    for (int i = 0; i < epochCount; i++) {
      epochs.add(new EpochStart(in.readInt(), in.readLong()));
    }
    return new LogCheckpoint(startOffset, endOffset, segments, epochs);
  }

  private static SegmentSummary readSegment(DataInput in, int version) throws IOException {
    long baseOffset = in.readLong();
    long sizeBytes = in.readLong();
    long lastAppendTimeMs = in.readLong();
    long maxTimestampMs = in.readLong();
    long firstAppendTimeMs = in.readLong();
    int compactions = version == FIRST_VERSION ? 0 : in.readInt();
    return new SegmentSummary(
        baseOffset, compactions, sizeBytes, lastAppendTimeMs, maxTimestampMs, firstAppendTimeMs);
  }
}
