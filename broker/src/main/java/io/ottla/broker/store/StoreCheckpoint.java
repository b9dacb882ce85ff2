package io.ottla.broker.store;

import io.ottla.broker.PartitionWaiters.PartitionId;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
 * tag 3  producers    ExpiredProducers | int count | count × (long topicId msb, lsb
 *                     | int partition | PartitionProducers.Snapshot), sorted likewise: partitions
 *                     that remember any
 * }</pre>
 *
 * The same bytes on every replica. The checkpoint file around them has the checksum.
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
record StoreCheckpoint(int group, List<Part> parts, ExpiredProducers expired, byte[] groupTable) {
  private static final byte VERSION = 1;
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

  byte[] toBytes() {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      out.writeByte(VERSION);
      List<Part> sorted = new ArrayList<>(parts);
      sorted.sort(ORDER);
      out.writeInt(3);
      writeSection(out, PARTITIONS, partitionsBytes(sorted));
      writeSection(out, GROUPS, groupTable);
      writeSection(out, PRODUCERS, producersBytes(sorted));
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

  private static byte[] partitionsBytes(List<Part> sorted) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
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
    return bytes.toByteArray();
  }

  private byte[] producersBytes(List<Part> sorted) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    expired.writeTo(out);
    List<Part> remembering =
        sorted.stream().filter(part -> !part.producers().windows().isEmpty()).toList();
    out.writeInt(remembering.size());
    for (Part part : remembering) {
      writeTopicId(out, part.metadata().topicId());
      out.writeInt(part.metadata().partition());
      part.producers().writeTo(out);
    }
    return bytes.toByteArray();
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
        case PRODUCERS -> {
          DataInputStream section = new DataInputStream(new ByteArrayInputStream(body));
          expired = ExpiredProducers.readFrom(section);
          producers = readProducers(section);
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

  private static Map<PartitionId, PartitionProducers.Snapshot> readProducers(DataInputStream in)
      throws IOException {
    Map<PartitionId, PartitionProducers.Snapshot> producers = new HashMap<>();
    int count = in.readInt();
    for (int i = 0; i < count; i++) {
      PartitionId id = new PartitionId(new UUID(in.readLong(), in.readLong()), in.readInt());
      producers.put(id, PartitionProducers.Snapshot.readFrom(in));
    }
    return producers;
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
              LogCheckpoint.readFrom(in),
              PartitionProducers.Snapshot.EMPTY));
    }
    return parts;
  }
}
