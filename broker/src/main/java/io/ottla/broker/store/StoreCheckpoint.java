package io.ottla.broker.store;

import io.ottla.broker.PartitionWaiters.PartitionId;
import io.ottla.log.LogCheckpoint;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A data group's state at one index. Immutable.
 *
 * <pre>{@code
 * byte version = 2 | int sections | sections × (byte tag | int bodyBytes | body)   big-endian
 * tag 1  partitions   int count | count × partition, sorted by topic id and number
 *        partition    long topicId msb, lsb | UTF topic name | int partition
 *                     | long incarnation | config (DataEntry) | LogCheckpoint
 * tag 2  groups       GroupTable.Snapshot
 * tag 3  producers    ExpiredProducers | int count | count × (long topicId msb, lsb
 *                     | int partition | PartitionProducers.Snapshot), sorted likewise: partitions
 *                     that remember any
 * }</pre>
 *
 * Version 1 had another form of the sequences in a PartitionProducers.Snapshot; it is read too. The
 * same bytes on every replica. The checkpoint file around them has the checksum.
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
record StoreCheckpoint(int group, List<Part> parts, ExpiredProducers expired, byte[] groupTable) {
  private static final byte VERSION = 2;
  private static final byte VERSION_OF_LONGS = 1;
  private static final int HEADER_BYTES = 1 + Integer.BYTES;
  private static final int SECTION_HEADER_BYTES = 1 + Integer.BYTES;
  private static final byte PARTITIONS = 1;
  private static final byte GROUPS = 2;
  private static final byte PRODUCERS = 3;
  private static final Comparator<Part> ORDER =
      Comparator.<Part, UUID>comparing(part -> part.metadata().topicId())
          .thenComparingInt(part -> part.metadata().partition());

  /** One partition. */
  record Part(
      PartitionMetadata metadata,
      PartitionConfig config,
      LogCheckpoint log,
      PartitionProducers.Snapshot producers) {
    Part with(PartitionProducers.Snapshot newProducers) {
      return new Part(metadata, config, log, newProducers);
    }
  }

  /**
   * Its bytes. They are counted before they are written, so that they are in memory once: with many
   * producers they are tens of megabytes.
   */
  byte[] toBytes() {
    List<Part> sorted = new ArrayList<>(parts);
    sorted.sort(ORDER);
    List<Section> sections =
        List.of(
            new Section(PARTITIONS, out -> writePartitions(sorted, out)),
            new Section(GROUPS, out -> out.write(groupTable)),
            new Section(PRODUCERS, out -> writeProducers(sorted, out)));
    try {
      int[] bodyBytes = new int[sections.size()];
      int sizeBytes = HEADER_BYTES;
      for (int i = 0; i < bodyBytes.length; i++) {
        bodyBytes[i] = sections.get(i).bodyBytes();
        sizeBytes = Math.addExact(sizeBytes, SECTION_HEADER_BYTES + bodyBytes[i]);
      }
      ByteBuffer bytes = ByteBuffer.allocate(sizeBytes);
      bytes.put(VERSION).putInt(sections.size());
      for (int i = 0; i < bodyBytes.length; i++) {
        bytes.put(sections.get(i).tag()).putInt(bodyBytes[i]);
        sections.get(i).body().writeTo(new DataOutputStream(new InBuffer(bytes)));
      }
      if (bytes.hasRemaining()) {
        throw new IllegalStateException("the sections changed: bytes=" + bytes.remaining());
      }
      return bytes.array();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What writes a section's body, the same each time. */
  private interface Body {
    void writeTo(DataOutputStream out) throws IOException;
  }

  private record Section(byte tag, Body body) {
    int bodyBytes() throws IOException {
      DataOutputStream counter = new DataOutputStream(OutputStream.nullOutputStream());
      body.writeTo(counter);
      if (counter.size() == Integer.MAX_VALUE) {
        throw new IllegalStateException("a section of 2 GiB or more: tag=" + tag);
      }
      return counter.size();
    }
  }

  /** Writes on in a buffer. */
  private static final class InBuffer extends OutputStream {
    private final ByteBuffer buffer;

    private InBuffer(ByteBuffer buffer) {
      this.buffer = buffer;
    }

    @Override
    public void write(int oneByte) {
      buffer.put((byte) oneByte);
    }

    @Override
    public void write(byte[] bytes, int from, int count) {
      buffer.put(bytes, from, count);
    }
  }

  private static void writePartitions(List<Part> sorted, DataOutputStream out) throws IOException {
    out.writeInt(sorted.size());
    ByteBuffer config = ByteBuffer.allocate(DataEntry.CONFIG_BYTES);
    for (Part part : sorted) {
      PartitionMetadata metadata = part.metadata();
      writeTopicId(out, metadata.topicId());
      out.writeUTF(metadata.topicName());
      out.writeInt(metadata.partition());
      out.writeLong(metadata.incarnation());
      DataEntry.writeConfig(part.config(), config.clear());
      out.write(config.array());
      part.log().writeTo(out);
    }
  }

  private void writeProducers(List<Part> sorted, DataOutputStream out) throws IOException {
    expired.writeTo(out);
    List<Part> remembering =
        sorted.stream().filter(part -> !part.producers().windows().isEmpty()).toList();
    out.writeInt(remembering.size());
    for (Part part : remembering) {
      writeTopicId(out, part.metadata().topicId());
      out.writeInt(part.metadata().partition());
      part.producers().writeTo(out);
    }
  }

  private static void writeTopicId(DataOutputStream out, UUID topicId) throws IOException {
    out.writeLong(topicId.getMostSignificantBits());
    out.writeLong(topicId.getLeastSignificantBits());
  }

  /** Reads what {@link #toBytes} wrote on any replica of the group. */
  static StoreCheckpoint read(int group, byte[] bytes) throws IOException {
    List<Part> parts = List.of();
    byte[] groupTable = new byte[0];
    ExpiredProducers expired = new ExpiredProducers();
    Map<PartitionId, PartitionProducers.Snapshot> producers = Map.of();
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
    int version = in.readByte();
    if (version != VERSION && version != VERSION_OF_LONGS) {
      throw new CorruptEntryException("checkpoint of an unknown version: version=" + version);
    }
    int sections = in.readInt();
    for (int i = 0; i < sections; i++) {
      byte tag = in.readByte();
      int bodyBytes = in.readInt();
      if (bodyBytes < 0 || bodyBytes > in.available()) {
        throw new CorruptEntryException("checkpoint is cut short: bodyBytes=" + bodyBytes);
      }
      switch (tag) {
        case PARTITIONS -> parts = readPartitions(group, section(in, bytes, bodyBytes));
        case GROUPS -> groupTable = in.readNBytes(bodyBytes);
        case PRODUCERS -> {
          DataInputStream section = section(in, bytes, bodyBytes);
          expired = ExpiredProducers.readFrom(section);
          producers = readProducers(section, version);
        }
        default -> throw new CorruptEntryException("checkpoint of a newer version: tag=" + tag);
      }
    }
    List<Part> whole = new ArrayList<>(parts.size());
    for (Part part : parts) {
      PartitionId id = new PartitionId(part.metadata().topicId(), part.metadata().partition());
      whole.add(part.with(producers.getOrDefault(id, PartitionProducers.Snapshot.EMPTY)));
    }
    return new StoreCheckpoint(group, whole, expired, groupTable);
  }

  /** The next bytes by themselves, not copied. */
  private static DataInputStream section(DataInputStream in, byte[] bytes, int bodyBytes)
      throws IOException {
    int from = bytes.length - in.available();
    in.skipNBytes(bodyBytes);
    return new DataInputStream(new ByteArrayInputStream(bytes, from, bodyBytes));
  }

  private static Map<PartitionId, PartitionProducers.Snapshot> readProducers(
      DataInputStream in, int version) throws IOException {
    ProducerMemory.Share forReading = ProducerMemory.unlimited().open();
    PartitionProducers.Snapshot.WindowReader reader =
        version == VERSION_OF_LONGS
            ? each -> SequenceWindow.Snapshot.readFromV1(each, forReading)
            : SequenceWindow.Snapshot::readFrom;
    Map<PartitionId, PartitionProducers.Snapshot> producers = new HashMap<>();
    int count = in.readInt();
    for (int i = 0; i < count; i++) {
      PartitionId id = new PartitionId(new UUID(in.readLong(), in.readLong()), in.readInt());
      producers.put(id, PartitionProducers.Snapshot.readFrom(in, reader));
    }
    return producers;
  }

  private static List<Part> readPartitions(int group, DataInputStream in) throws IOException {
    int count = in.readInt();
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      UUID topicId = new UUID(in.readLong(), in.readLong());
      String topicName = in.readUTF();
      int partition = in.readInt();
      long incarnation = in.readLong();
      byte[] config = new byte[DataEntry.CONFIG_BYTES];
      in.readFully(config);
      parts.add(
          new Part(
              new PartitionMetadata(topicId, topicName, partition, group, incarnation),
              DataEntry.readConfig(ByteBuffer.wrap(config)),
              LogCheckpoint.readFrom(in),
              PartitionProducers.Snapshot.EMPTY));
    }
    return parts;
  }
}
