package io.ottla.broker.store;

import io.ottla.log.LogCheckpoint;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;

/**
 * A data group's state at one index. Immutable.
 *
 * <pre>{@code
 * byte version = 1 | int sections | sections × (byte tag | int bodyBytes | body)   big-endian
 * tag 1  partitions   int count | count × partition, sorted by topic id and number
 *        partition    long topicId msb, lsb | UTF topic name | int partition
 *                     | long incarnation | config (DataEntry) | LogCheckpoint
 * tag 2  groups       GroupTable.Snapshot
 * }</pre>
 *
 * The same bytes on every replica. The checkpoint file around them has the checksum.
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
record StoreCheckpoint(int group, List<Part> parts, byte[] groupTable) {
  private static final byte VERSION = 1;
  private static final byte PARTITIONS = 1;
  private static final byte GROUPS = 2;
  private static final Comparator<Part> ORDER =
      Comparator.<Part, UUID>comparing(part -> part.metadata().topicId())
          .thenComparingInt(part -> part.metadata().partition());

  /** One partition. */
  record Part(PartitionMetadata metadata, PartitionConfig config, LogCheckpoint log) {}

  byte[] toBytes() {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      out.writeByte(VERSION);
      out.writeInt(2);
      writeSection(out, PARTITIONS, partitionsBytes());
      writeSection(out, GROUPS, groupTable);
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void writeSection(DataOutputStream out, byte tag, byte[] body) throws IOException {
    out.writeByte(tag);
    out.writeInt(body.length);
    out.write(body);
  }

  private byte[] partitionsBytes() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    List<Part> sorted = new ArrayList<>(parts);
    sorted.sort(ORDER);
    out.writeInt(sorted.size());
    ByteBuffer config = ByteBuffer.allocate(DataEntry.CONFIG_BYTES);
    for (Part part : sorted) {
      PartitionMetadata metadata = part.metadata();
      out.writeLong(metadata.topicId().getMostSignificantBits());
      out.writeLong(metadata.topicId().getLeastSignificantBits());
      out.writeUTF(metadata.topicName());
      out.writeInt(metadata.partition());
      out.writeLong(metadata.incarnation());
      DataEntry.writeConfig(part.config(), config.clear());
      out.write(config.array());
      part.log().writeTo(out);
    }
    return bytes.toByteArray();
  }

  /** Reads what {@link #toBytes} wrote on any replica of the group. */
  static StoreCheckpoint read(int group, byte[] bytes) throws IOException {
    List<Part> parts = List.of();
    byte[] groupTable = new byte[0];
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
    int version = in.readByte();
    if (version != VERSION) {
      throw new CorruptEntryException("checkpoint of an unknown version: version=" + version);
    }
    int sections = in.readInt();
    for (int i = 0; i < sections; i++) {
      byte tag = in.readByte();
      int bodyBytes = in.readInt();
      if (bodyBytes < 0 || bodyBytes > in.available()) {
        throw new CorruptEntryException("checkpoint is cut short: bodyBytes=" + bodyBytes);
      }
      byte[] body = in.readNBytes(bodyBytes);
      switch (tag) {
        case PARTITIONS -> parts = readPartitions(group, body);
        case GROUPS -> groupTable = body;
        default -> throw new CorruptEntryException("checkpoint of a newer version: tag=" + tag);
      }
    }
    return new StoreCheckpoint(group, parts, groupTable);
  }

  private static List<Part> readPartitions(int group, byte[] body) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(body));
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
              LogCheckpoint.readFrom(in)));
    }
    return parts;
  }
}
