package io.ottla.replication;

import io.ottla.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.thirdparty.com.google.protobuf.CodedInputStream;

/**
 * Judges a journal before its replica may vote. Ratis itself cuts the open file at the first bad
 * entry, committed ones behind it included; a replica that did so could help to elect a leader
 * without them. Stateless.
 *
 * <h2>Bytes of a journal file (Ratis' format)</h2>
 *
 * <pre>{@code
 * log_<first>-<last>       closed: holds exactly these entries
 * log_inprogress_<first>   open: entries, then zeros
 * "RaftLog1" | entry | entry | … ;  entry = length varint | LogEntryProto | crc32c i32 of both
 * }</pre>
 *
 * <p>Known hole: damage in the very last entries, with no intact entry behind it that proves them
 * committed, looks like a torn tail.
 */
final class JournalScan {
  private static final byte[] MAGIC = "RaftLog1".getBytes(StandardCharsets.US_ASCII);
  private static final Pattern NAME =
      Pattern.compile("log_(?:inprogress_(\\d+)|(\\d+)-(\\d+))(?:\\..*)?");
  private static final byte TERM_TAG = 0x08;
  private static final byte INDEX_TAG = 0x10;
  private static final int MAX_LENGTH = RaftSettings.ENTRY_LIMIT_BYTES + 1024;

  private JournalScan() {}

  /** One file; {@code last} is -1 for an open one. */
  private record Segment(Path path, long first, long last) {
    boolean isOpen() {
      return last < 0;
    }
  }

  /** An intact entry at a position. */
  private record Found(LogEntryProto entry, int nextPosition) {}

  /**
   * Finds out whether the journal has lost entries that were committed.
   *
   * @param journal the directory of the files
   * @param checkpointIndex the newest checkpoint's, -1 if there is none
   * @return what was lost; empty when the journal may be used
   */
  static Optional<String> findLoss(Disk disk, Path journal, long checkpointIndex)
      throws IOException {
    List<Segment> segments = segments(disk, journal);
    if (segments.isEmpty()) {
      return Optional.empty();
    }
    long next = segments.getFirst().first();
    if (next > checkpointIndex + 1) {
      return Optional.of("journal begins at " + next + ", checkpoint ends at " + checkpointIndex);
    }
    for (Segment segment : segments) {
      if (segment.first() != next) {
        return Optional.of("journal has a gap between " + next + " and " + segment.first());
      }
      byte[] bytes = disk.readAll(segment.path());
      int position = startsWithMagic(bytes) ? MAGIC.length : 0;
      for (Optional<Found> found; position > 0; position = found.get().nextPosition(), next++) {
        found = entryAt(bytes, position, next, next);
        if (found.isEmpty()) {
          break;
        }
      }
      if (!segment.isOpen() && next != segment.last() + 1) {
        return Optional.of(segment.path().getFileName() + " is damaged at entry " + next);
      }
      if (segment.isOpen()) {
        Optional<String> behind = committedBehind(bytes, position, next);
        if (behind.isPresent()) {
          return behind;
        }
      }
    }
    return next > checkpointIndex
        ? Optional.empty()
        : Optional.of("journal ends before " + next + ", checkpoint at " + checkpointIndex);
  }

  /** Looks for an intact entry behind the cut whose leader knew the cut to be committed. */
  private static Optional<String> committedBehind(byte[] bytes, int cutPosition, long cutIndex) {
    for (int position = cutPosition; position < bytes.length; position++) {
      Optional<Found> found = entryAt(bytes, position, cutIndex + 1, cutIndex + 10_000_000);
      if (found.isPresent()) {
        LogEntryProto entry = found.get().entry();
        Optional<Envelope> envelope = Envelope.parse(entry.getStateMachineLogEntry().getLogData());
        if (envelope.isPresent() && envelope.get().commitIndex() >= cutIndex) {
          return Optional.of(
              "entry "
                  + cutIndex
                  + " is damaged and was committed, says entry "
                  + entry.getIndex());
        }
        position = found.get().nextPosition() - 1;
      }
    }
    return Optional.empty();
  }

  private static boolean startsWithMagic(byte[] bytes) {
    return bytes.length >= MAGIC.length
        && Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
  }

  /** The intact entry at this position, if its index lies in the range (inclusive). */
  private static Optional<Found> entryAt(byte[] bytes, int position, long least, long most) {
    if (bytes[Math.min(position, bytes.length - 1)] == 0 || position + 8 > bytes.length) {
      return Optional.empty();
    }
    try {
      CodedInputStream in = CodedInputStream.newInstance(bytes, position, bytes.length - position);
      int length = in.readRawVarint32();
      int body = position + in.getTotalBytesRead();
      if (length <= 0 || length > MAX_LENGTH || body + length + 4L > bytes.length) {
        return Optional.empty();
      }
      // Cheap checks first: this runs at every byte of a damaged file.
      long index = in.readRawByte() == TERM_TAG ? indexBehindTerm(in) : -1;
      if (index < least || index > most) {
        return Optional.empty();
      }
      CRC32C checksum = new CRC32C();
      checksum.update(bytes, position, body + length - position);
      if (ByteBuffer.wrap(bytes).getInt(body + length) != (int) checksum.getValue()) {
        return Optional.empty();
      }
      LogEntryProto entry =
          LogEntryProto.parseFrom(CodedInputStream.newInstance(bytes, body, length));
      return Optional.of(new Found(entry, body + length + 4));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Numbers of 0 are not written: the first entry has no index. */
  private static long indexBehindTerm(CodedInputStream in) throws IOException {
    in.readRawVarint64();
    return in.readRawByte() == INDEX_TAG ? in.readRawVarint64() : 0;
  }

  private static List<Segment> segments(Disk disk, Path journal) throws IOException {
    List<Segment> segments = new ArrayList<>();
    for (Path path : disk.list(journal)) {
      Matcher name = NAME.matcher(path.getFileName().toString());
      if (!name.matches()) {
        continue;
      }
      if (name.group(1) == null) {
        segments.add(
            new Segment(path, Long.parseLong(name.group(2)), Long.parseLong(name.group(3))));
      } else if (disk.sizeBytes(path) > 0) {
        segments.add(new Segment(path, Long.parseLong(name.group(1)), -1));
      }
    }
    segments.sort(Comparator.comparingLong(Segment::first));
    return segments;
  }
}
