package io.ottla.broker.time;

import io.ottla.disk.Disk;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file in which a cluster's {@link ClockHistory} is kept.
 *
 * <pre>{@code
 *  0  version    i8     1
 *  1  crc        i32    CRC-32C of all that follows
 *  5  guardedMs  i64
 * 13  wallMs     i64
 * 21  gaps       i32    how many follow: fromMs i64, toMs i64, stoodMs i64, refuted i8
 * }</pre>
 *
 * A file that is missing or damaged is no history: that only deletes later. Immutable; one thread
 * at a time writes.
 */
public record ClockFile(Disk disk, Path path) {
  private static final Logger LOG = LoggerFactory.getLogger(ClockFile.class);
  private static final byte VERSION = 1;
  private static final int HEAD_BYTES = 5;
  private static final int FIXED_BYTES = HEAD_BYTES + 2 * Long.BYTES + Integer.BYTES;
  private static final int GAP_BYTES = 3 * Long.BYTES + 1;

  /** What is kept; empty if nothing is, or if it cannot be read. */
  public Optional<ClockHistory> read() {
    try {
      if (!disk.exists(path)) {
        return Optional.empty();
      }
      Optional<ClockHistory> history = parse(ByteBuffer.wrap(disk.readAll(path)));
      if (history.isEmpty()) {
        LOG.warn("clock file is damaged: file={}; what is old is deleted later for it", path);
      }
      return history;
    } catch (IOException e) {
      LOG.warn("clock file cannot be read: file={}; what is old is deleted later", path, e);
      return Optional.empty();
    }
  }

  private static Optional<ClockHistory> parse(ByteBuffer in) {
    if (in.remaining() < FIXED_BYTES || in.get(0) != VERSION || in.getInt(1) != crcOf(in)) {
      return Optional.empty();
    }
    try {
      in.position(HEAD_BYTES);
      long guardedMs = in.getLong();
      long wallMs = in.getLong();
      int count = in.getInt();
      List<Gap> gaps = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        gaps.add(new Gap(in.getLong(), in.getLong(), in.getLong(), in.get() != 0));
      }
      return Optional.of(new ClockHistory(guardedMs, wallMs, gaps));
    } catch (BufferUnderflowException e) {
      return Optional.empty();
    }
  }

  private static int crcOf(ByteBuffer file) {
    CRC32C crc = new CRC32C();
    crc.update(file.duplicate().position(HEAD_BYTES));
    return (int) crc.getValue();
  }

  /** Keeps it, durably. */
  public void write(ClockHistory history) throws IOException {
    ByteBuffer out = ByteBuffer.allocate(FIXED_BYTES + GAP_BYTES * history.gaps().size());
    out.put(VERSION).putInt(0);
    out.putLong(history.guardedMs()).putLong(history.wallMs()).putInt(history.gaps().size());
    for (Gap gap : history.gaps()) {
      out.putLong(gap.fromMs()).putLong(gap.toMs()).putLong(gap.stoodMs());
      out.put((byte) (gap.refuted() ? 1 : 0));
    }
    out.flip();
    out.putInt(1, crcOf(out));
    disk.writeDurably(path, out.array());
  }
}
