package io.ottla.replication;

import io.ottla.replication.ReplicatedState.PinnedFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.apache.ratis.server.protocol.TermIndex;

/**
 * The state of one group's replica after one entry: the replay starts behind it. Immutable.
 *
 * <h2>Bytes</h2>
 *
 * <pre>{@code
 * magic "OTCK" i32 | version 1 i32 | group id 2 × i64 | term i64 | index i64
 * file count i32, then per file: path utf | lengthBytes i64
 * state length i32 | state
 * crc32c of everything before it, i32
 * }</pre>
 *
 * @param group the group's id
 * @param term the term of the last entry in it
 * @param index the index of the last entry in it
 * @param files what the state names, relative to the broker's directory: a rebuild copies these
 * @param state the bytes that {@link ReplicatedState#restore} understands
 */
record Checkpoint(UUID group, long term, long index, List<PinnedFile> files, ByteBuffer state) {
  Checkpoint {
    files = List.copyOf(files);
    state = state.asReadOnlyBuffer();
  }

  /** A copy, as {@link ReplicatedState#restore} wants it. */
  byte[] stateBytes() {
    byte[] bytes = new byte[state.remaining()];
    state.get(state.position(), bytes);
    return bytes;
  }

  /** The same state, with its files elsewhere. */
  Checkpoint withFiles(List<PinnedFile> elsewhere) {
    return new Checkpoint(group, term, index, elsewhere, state);
  }

  /** Where in the journal it was taken. */
  TermIndex place() {
    return TermIndex.valueOf(term, index);
  }

  private static final int MAGIC = 0x4f54434b;
  private static final int VERSION = 1;

  byte[] toBytes() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(state.remaining() + 256);
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(MAGIC);
    out.writeInt(VERSION);
    out.writeLong(group.getMostSignificantBits());
    out.writeLong(group.getLeastSignificantBits());
    out.writeLong(term);
    out.writeLong(index);
    out.writeInt(files.size());
    for (PinnedFile file : files) {
      out.writeUTF(file.path().toString());
      out.writeLong(file.lengthBytes());
    }
    out.writeInt(state.remaining());
    out.write(stateBytes());
    CRC32C checksum = new CRC32C();
    checksum.update(bytes.toByteArray());
    out.writeInt((int) checksum.getValue());
    return bytes.toByteArray();
  }

  /**
   * Empty when the bytes are damaged or of another group.
   *
   * @throws IOException when they are whole, but of a newer version: nothing is lost, and nothing
   *     may be made of them
   */
  static Optional<Checkpoint> parse(UUID group, byte[] bytes) throws IOException {
    Optional<Integer> version = versionOf(bytes);
    if (version.isPresent() && version.get() > VERSION) {
      throw new IOException(
          "checkpoint has version " + version.get() + ", this build reads up to " + VERSION);
    }
    return version.isPresent() ? parseBody(group, bytes) : Optional.empty();
  }

  /** Empty when the bytes are damaged. */
  private static Optional<Integer> versionOf(byte[] bytes) {
    if (bytes.length < 3 * Integer.BYTES) {
      return Optional.empty();
    }
    int bodyBytes = bytes.length - Integer.BYTES;
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, 0, bodyBytes);
    ByteBuffer all = ByteBuffer.wrap(bytes);
    return all.getInt(bodyBytes) == (int) checksum.getValue() && all.getInt(0) == MAGIC
        ? Optional.of(all.getInt(Integer.BYTES))
        : Optional.empty();
  }

  private static Optional<Checkpoint> parseBody(UUID group, byte[] bytes) {
    int bodyBytes = bytes.length - Integer.BYTES;
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes, 0, bodyBytes))) {
      if (in.readInt() != MAGIC || in.readInt() != VERSION) {
        return Optional.empty();
      }
      UUID id = new UUID(in.readLong(), in.readLong());
      long term = in.readLong();
      long index = in.readLong();
      int count = in.readInt();
      List<PinnedFile> files = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        files.add(new PinnedFile(Path.of(in.readUTF()), in.readLong()));
      }
      byte[] state = in.readNBytes(in.readInt());
      return id.equals(group)
          ? Optional.of(new Checkpoint(id, term, index, files, ByteBuffer.wrap(state)))
          : Optional.empty();
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
