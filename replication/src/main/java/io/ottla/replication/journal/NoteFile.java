package io.ottla.replication.journal;

import io.ottla.disk.Disk;
import io.ottla.disk.Disk.OpenMode;
import io.ottla.disk.DiskFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.apache.ratis.server.protocol.TermIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of a broker's notes: two slots that are written in turn and forced, so that a torn write
 * leaves the note before it; and one that is written in between and not forced. What that one holds
 * outlives its process, but not a power cut, which may tear it. One owner at a time.
 *
 * <h2>Bytes of {@code <broker>/acked}</h2>
 *
 * <pre>{@code
 * slots 0 and 1 at 0 and S, slot 2, the unforced one, at 2 S; of the whole ones the highest
 * sequence counts. S is 65,536, or a power of two above it
 * magic "OTAK" i32 | version i32 | sequence i64 | body length i32 | with version 2: S i32 | body
 * crc32c of everything before it, i32
 * body: group count i32, then per group
 *   id 2 × i64 | end | committed | newest term i64 | vote noted u8 | vote sum i64
 *   member count i32, then per member: broker i32 | end
 * a place in the journal (end, committed): term i64 | index i64
 * }</pre>
 *
 * Numbers are big-endian. Version 1, with the smallest slots, holds about 500 groups of three
 * members. A note that does not fit makes the slots larger: a file of version 2 with all three
 * slots takes the place of the one before, durably. Otherwise the file does not grow any more once
 * each slot was written: a full disk does not stop it.
 *
 * <h2>Failure</h2>
 *
 * After the first failed write nothing is written any more: what the file holds is unknown.
 */
final class NoteFile {
  private static final Logger log = LoggerFactory.getLogger(NoteFile.class);
  static final String NAME = "acked";
  private static final int MAGIC = 0x4f54414b;
  private static final int VERSION_OF_LEAST_SLOTS = 1;
  private static final int VERSION_OF_LARGER_SLOTS = 2;
  private static final int LEAST_SLOT_BYTES = 64 * 1024;
  private static final int FORCED_SLOTS = 2;
  private static final int UNFORCED_SLOT = FORCED_SLOTS;
  private static final int SLOTS = 3;
  private static final int LEAST_HEADER_BYTES = 20;

  private final Disk disk;
  private final Path path;
  private DiskFile file;
  private int slotBytes;
  private long sequence;

  /** Which of the forced slots is written next: never the newest one. */
  private int nextSlot;

  /** Whether the file's name has been forced: who made it may have been killed before. */
  private boolean nameForced;

  private IOException failure;

  private NoteFile(Disk disk, Path path, int slotBytes, long sequence, int nextSlot) {
    this.disk = disk;
    this.path = path;
    this.slotBytes = slotBytes;
    this.sequence = sequence;
    this.nextSlot = nextSlot;
  }

  /** A file that was opened, and what it said; nothing when it is missing or damaged. */
  record Opened(NoteFile file, Optional<Map<UUID, GroupNote>> notes) {}

  private record Slot(long sequence, int slotBytes, Map<UUID, GroupNote> notes) {}

  static Opened open(Disk disk, Path broker) throws IOException {
    Path path = broker.resolve(NAME);
    if (!disk.exists(path)) {
      return empty(disk, path);
    }
    byte[] bytes = disk.readAll(path);
    Optional<Slot> newest = newest(bytes);
    if (newest.isEmpty()) {
      Path aside = path.resolveSibling(NAME + ".damaged");
      log.warn("note of what was acked is damaged, set aside: path={} to={}", path, aside);
      disk.rename(path, aside);
      disk.forceDirectory(broker);
      return empty(disk, path);
    }
    int slotBytes = newest.get().slotBytes();
    int nextSlot = sequenceIn(bytes, 0, slotBytes) > sequenceIn(bytes, 1, slotBytes) ? 1 : 0;
    return new Opened(
        new NoteFile(disk, path, slotBytes, newest.get().sequence(), nextSlot),
        Optional.of(newest.get().notes()));
  }

  private static Opened empty(Disk disk, Path path) {
    return new Opened(new NoteFile(disk, path, LEAST_SLOT_BYTES, 0, 0), Optional.empty());
  }

  private static long sequenceIn(byte[] bytes, int slot, int slotBytes) throws IOException {
    return parse(bytes, slot, slotBytes).map(Slot::sequence).orElse(-1L);
  }

  /** What the file says, touching nothing; empty when it is missing or damaged. */
  static Optional<Map<UUID, GroupNote>> look(Disk disk, Path broker) throws IOException {
    Path path = broker.resolve(NAME);
    return disk.exists(path) ? newest(disk.readAll(path)).map(Slot::notes) : Optional.empty();
  }

  /** Looks for slots of each size that the file has room for: all of one file are equal. */
  private static Optional<Slot> newest(byte[] bytes) throws IOException {
    Optional<Slot> newest = Optional.empty();
    long largest = LEAST_SLOT_BYTES + 2L * bytes.length;
    for (long size = LEAST_SLOT_BYTES; size <= largest; size *= 2) {
      for (int slot = 0; slot < SLOTS; slot++) {
        Optional<Slot> found = parse(bytes, slot, size);
        long before = newest.map(Slot::sequence).orElse(-1L);
        if (found.filter(slotFound -> slotFound.sequence() > before).isPresent()) {
          newest = found;
        }
      }
    }
    return newest;
  }

  /** Durable when this returns. */
  void write(Map<UUID, GroupNote> notes) throws IOException {
    write(notes, nextSlot);
    nextSlot = (nextSlot + 1) % FORCED_SLOTS;
    doOrFail(
        () -> {
          file.force();
          if (!nameForced) {
            disk.forceDirectory(path.getParent());
            nameForced = true;
          }
        });
  }

  /** Outlives the process when this returns; a power cut may take it. */
  void writeUnforced(Map<UUID, GroupNote> notes) throws IOException {
    write(notes, UNFORCED_SLOT);
  }

  /** One that does not fit makes the slots larger first. */
  private void write(Map<UUID, GroupNote> notes, int slot) throws IOException {
    byte[] bytes = toBytes(sequence + 1, slotBytes, notes);
    if (bytes.length > slotBytes) {
      doOrFail(() -> grow(notes));
    } else {
      doOrFail(
          () -> {
            openIfClosed();
            sequence++;
            file.write(ByteBuffer.wrap(bytes), (long) slot * slotBytes);
          });
    }
  }

  private void openIfClosed() throws IOException {
    if (file == null) {
      file = disk.open(path, disk.exists(path) ? OpenMode.READ_WRITE : OpenMode.CREATE);
    }
  }

  /** Replaces the file by one that holds this note in each slot; durable when this returns. */
  private void grow(Map<UUID, GroupNote> notes) throws IOException {
    int larger = slotBytes;
    int needed;
    do {
      larger = Math.multiplyExact(larger, 2);
      needed = toBytes(sequence + 1, larger, notes).length;
    } while (needed > larger);
    close();
    file = null;
    ByteBuffer all = ByteBuffer.allocate(Math.multiplyExact(SLOTS, larger));
    for (int slot = 0; slot < SLOTS; slot++) {
      sequence++;
      all.put(slot * larger, toBytes(sequence, larger, notes));
    }
    disk.writeDurably(path, all.array());
    log.info("notes of what was acked have larger slots: path={} slotBytes={}", path, larger);
    slotBytes = larger;
    nameForced = true;
    openIfClosed();
  }

  private interface Step {
    void run() throws IOException;
  }

  private void doOrFail(Step step) throws IOException {
    if (failure != null) {
      throw new IOException("note was not written before", failure);
    }
    try {
      step.run();
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }

  private static byte[] toBytes(long sequence, int slotBytes, Map<UUID, GroupNote> notes)
      throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream(1024);
    DataOutputStream out = new DataOutputStream(body);
    out.writeInt(notes.size());
    for (Map.Entry<UUID, GroupNote> each : notes.entrySet()) {
      GroupNote note = each.getValue();
      out.writeLong(each.getKey().getMostSignificantBits());
      out.writeLong(each.getKey().getLeastSignificantBits());
      writePlace(out, note.end());
      writePlace(out, note.committed());
      out.writeLong(note.term());
      out.writeBoolean(note.voteSum().isPresent());
      out.writeLong(note.voteSum().orElse(0));
      out.writeInt(note.members().size());
      for (Map.Entry<Integer, TermIndex> member : note.members().entrySet()) {
        out.writeInt(member.getKey());
        writePlace(out, member.getValue());
      }
    }
    int version = version(slotBytes);
    ByteBuffer bytes = ByteBuffer.allocate(headerBytes(version) + body.size() + Integer.BYTES);
    bytes.putInt(MAGIC).putInt(version).putLong(sequence).putInt(body.size());
    if (version == VERSION_OF_LARGER_SLOTS) {
      bytes.putInt(slotBytes);
    }
    bytes.put(body.toByteArray());
    bytes.putInt(crc(bytes.array(), 0, bytes.position()));
    return bytes.array();
  }

  private static int version(int slotBytes) {
    return slotBytes == LEAST_SLOT_BYTES ? VERSION_OF_LEAST_SLOTS : VERSION_OF_LARGER_SLOTS;
  }

  private static int headerBytes(int version) {
    return version == VERSION_OF_LEAST_SLOTS
        ? LEAST_HEADER_BYTES
        : LEAST_HEADER_BYTES + Integer.BYTES;
  }

  private static void writePlace(DataOutputStream out, TermIndex place) throws IOException {
    out.writeLong(place.getTerm());
    out.writeLong(place.getIndex());
  }

  private static int crc(byte[] bytes, int position, int length) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, position, length);
    return (int) checksum.getValue();
  }

  /** Empty when the slot is damaged, was never written, or is none of this size. */
  private static Optional<Slot> parse(byte[] bytes, int slot, long slotBytes) throws IOException {
    long position = slot * slotBytes;
    if (bytes.length < position + LEAST_HEADER_BYTES + 2 * Integer.BYTES) {
      return Optional.empty();
    }
    int begin = (int) position;
    ByteBuffer header = ByteBuffer.wrap(bytes).position(begin);
    int magic = header.getInt();
    int version = header.getInt();
    long sequence = header.getLong();
    int length = header.getInt();
    long end = position + headerBytes(version) + length;
    if (magic != MAGIC || length < 0 || length > slotBytes || end + Integer.BYTES > bytes.length) {
      return Optional.empty();
    }
    int sumAt = (int) end;
    if (ByteBuffer.wrap(bytes).getInt(sumAt) != crc(bytes, begin, sumAt - begin)) {
      return Optional.empty();
    }
    if (version > VERSION_OF_LARGER_SLOTS) {
      throw new IOException("a newer build wrote " + NAME + ", version " + version);
    }
    long written = version == VERSION_OF_LEAST_SLOTS ? LEAST_SLOT_BYTES : header.getInt();
    if (written != slotBytes) {
      return Optional.empty();
    }
    try (DataInputStream in =
        new DataInputStream(new ByteArrayInputStream(bytes, header.position(), length))) {
      return Optional.of(new Slot(sequence, (int) slotBytes, readNotes(in)));
    }
  }

  private static Map<UUID, GroupNote> readNotes(DataInputStream in) throws IOException {
    Map<UUID, GroupNote> notes = new HashMap<>();
    for (int left = in.readInt(); left > 0; left--) {
      UUID group = new UUID(in.readLong(), in.readLong());
      TermIndex end = readPlace(in);
      TermIndex committed = readPlace(in);
      long term = in.readLong();
      boolean voteNoted = in.readBoolean();
      long sum = in.readLong();
      Map<Integer, TermIndex> members = new HashMap<>();
      for (int more = in.readInt(); more > 0; more--) {
        members.put(in.readInt(), readPlace(in));
      }
      notes.put(
          group,
          new GroupNote(
              end,
              committed,
              term,
              voteNoted ? OptionalLong.of(sum) : OptionalLong.empty(),
              members));
    }
    return notes;
  }

  private static TermIndex readPlace(DataInputStream in) throws IOException {
    return TermIndex.valueOf(in.readLong(), in.readLong());
  }
}
