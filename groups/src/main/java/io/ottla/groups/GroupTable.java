package io.ottla.groups;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The groups of one partition of {@code __consumer_offsets}: its records, applied.
 *
 * <h2>In a checkpoint</h2>
 *
 * <pre>{@code
 * int version = 1 | int count | count × (int keyBytes, key, int valueBytes, value)
 *
 * }</pre>
 *
 * The records that make the state, as they stand in the topic, sorted by key: the same bytes on
 * every replica. Who stores them adds the checksum.
 *
 * <h2>Threads</h2>
 *
 * One thread applies, loads and captures; any thread may read.
 */
public final class GroupTable implements GroupView {
  private static final int VERSION = 1;

  private final Map<String, Group> groups = new ConcurrentHashMap<>();

  /** Records of a newer version's types, by key. Touched by the applying thread only. */
  private final Map<ByteBuffer, ByteBuffer> unknown = new TreeMap<>();

  /**
   * A record as it is stored.
   *
   * @param key null if the record has none: it is passed over
   * @param value null for a tombstone
   */
  public record KeyValue(ByteBuffer key, ByteBuffer value) {}

  /** Applies one record. */
  public void apply(ByteBuffer key, ByteBuffer value) throws GroupRecordException {
    apply(List.of(new KeyValue(key, value)));
  }

  /**
   * Applies the records of a batch in their order.
   *
   * @throws GroupRecordException when a newer version wrote one of a type that is known here; the
   *     table is as it was
   */
  public void apply(List<KeyValue> records) throws GroupRecordException {
    Map<String, List<GroupRecord>> byGroup = new LinkedHashMap<>();
    List<GroupRecord.Unknown> foreign = new ArrayList<>();
    for (KeyValue record : records) {
      if (record.key() == null) {
        continue;
      }
      GroupRecord decoded = GroupRecordJson.decode(record.key(), record.value());
      if (decoded instanceof GroupRecord.Unknown other) {
        foreign.add(other);
      } else {
        byGroup.computeIfAbsent(decoded.group(), _ -> new ArrayList<>()).add(decoded);
      }
    }
    byGroup.forEach(this::applyTo);
    foreign.forEach(this::keep);
  }

  private void applyTo(String name, List<GroupRecord> records) {
    Group next = groups.getOrDefault(name, Group.empty(name)).with(records);
    if (next.isEmpty()) {
      groups.remove(name);
    } else {
      groups.put(name, next);
    }
  }

  private void keep(GroupRecord.Unknown record) {
    record
        .value()
        .ifPresentOrElse(
            value -> unknown.put(record.key(), value), () -> unknown.remove(record.key()));
  }

  @Override
  public Optional<Group> group(String name) {
    return Optional.ofNullable(groups.get(name));
  }

  @Override
  public Collection<Group> groups() {
    return List.copyOf(groups.values());
  }

  /** The table at this moment; cheap. */
  public Snapshot capture() {
    return new Snapshot(List.copyOf(groups.values()), new TreeMap<>(unknown));
  }

  /** Becomes what {@link Snapshot#toBytes} wrote. */
  public void load(byte[] bytes) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
    int version = in.readInt();
    if (version != VERSION) {
      throw new GroupRecordException("group table of a newer version: version=" + version);
    }
    groups.clear();
    unknown.clear();
    int count = in.readInt();
    List<KeyValue> records = new ArrayList<>(Math.min(count, 1 << 16));
    for (int i = 0; i < count; i++) {
      records.add(new KeyValue(readBytes(in), readBytes(in)));
    }
    apply(records);
  }

  private static ByteBuffer readBytes(DataInputStream in) throws IOException {
    int sizeBytes = in.readInt();
    if (sizeBytes < 0 || sizeBytes > in.available()) {
      throw new GroupRecordException("group table is damaged: sizeBytes=" + sizeBytes);
    }
    return ByteBuffer.wrap(in.readNBytes(sizeBytes));
  }

  /** The table at one moment. Immutable; {@link #toBytes} may run on any thread. */
  public static final class Snapshot {
    private final List<Group> groups;
    private final Map<ByteBuffer, ByteBuffer> unknown;

    private Snapshot(List<Group> groups, Map<ByteBuffer, ByteBuffer> unknown) {
      this.groups = groups;
      this.unknown = unknown;
    }

    public List<Group> groups() {
      return groups;
    }

    /** The bytes for a checkpoint; see the class. */
    public byte[] toBytes() {
      List<KeyValue> records = new ArrayList<>();
      groups.stream()
          .sorted(Comparator.comparing(Group::name))
          .forEach(group -> recordsOf(group).forEach(record -> records.add(stored(record))));
      unknown.forEach((key, value) -> records.add(new KeyValue(key, value)));
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      try {
        out.writeInt(VERSION);
        out.writeInt(records.size());
        for (KeyValue record : records) {
          writeBytes(out, record.key());
          writeBytes(out, record.value());
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return bytes.toByteArray();
    }

    private static List<GroupRecord> recordsOf(Group group) {
      List<GroupRecord> records = new ArrayList<>();
      group.header().ifPresent(h -> records.add(new GroupRecord.GroupSet(group.name(), h)));
      group.members().values().stream()
          .map(member -> new GroupRecord.MemberSet(group.name(), member))
          .forEach(records::add);
      group
          .offsets()
          .forEach((p, offset) -> records.add(new GroupRecord.OffsetSet(group.name(), p, offset)));
      return records;
    }

    private static KeyValue stored(GroupRecord record) {
      return new KeyValue(GroupRecordJson.key(record), GroupRecordJson.value(record).orElseThrow());
    }

    private static void writeBytes(DataOutputStream out, ByteBuffer buffer) throws IOException {
      byte[] bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
      out.writeInt(bytes.length);
      out.write(bytes);
    }
  }
}
