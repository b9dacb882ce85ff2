package io.ottla.broker.store;

import io.ottla.disk.Disk;
import io.ottla.disk.DiskFile;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * Whose a partition's directory is: the file {@value #FILE_NAME} in it, as Kafka has it, with lines
 * of our own behind Kafka's two. Immutable.
 *
 * <pre>{@code
 * version: 0
 * topic_id: o3gNHkH2SkK8Qm8NjsbBqA       16 bytes, base64url without padding
 * group: 2                               the data group
 * partition: 0
 * topic: liked
 * incarnation: 308740096                 tells one that was dropped and created again from its
 *                                        predecessor; grows
 * crc32c: 0a1b2c3d                       CRC-32C of all bytes before this line
 * }</pre>
 *
 * A file is whole only if it has exactly these bytes, be it without the last line: an older build
 * wrote none. Written when the directory is made; durable with the first checkpoint that names the
 * partition.
 */
record PartitionMetadata(
    UUID topicId, String topicName, int partition, int group, long incarnation) {
  static final String FILE_NAME = "partition.metadata";

  /** Makes the file; it must not exist. */
  void create(Disk disk, Path directory) throws IOException {
    try (DiskFile file = disk.open(directory.resolve(FILE_NAME), Disk.OpenMode.CREATE)) {
      file.write(ByteBuffer.wrap(toBytes()), 0);
    }
  }

  byte[] toBytes() {
    String lines = lines();
    CRC32C checksum = new CRC32C();
    checksum.update(lines.getBytes(StandardCharsets.UTF_8));
    return "%scrc32c: %08x\n"
        .formatted(lines, checksum.getValue())
        .getBytes(StandardCharsets.UTF_8);
  }

  private String lines() {
    ByteBuffer id = ByteBuffer.allocate(2 * Long.BYTES);
    id.putLong(topicId.getMostSignificantBits()).putLong(topicId.getLeastSignificantBits());
    return "version: 0\ntopic_id: %s\ngroup: %d\npartition: %d\ntopic: %s\nincarnation: %d\n"
        .formatted(
            Base64.getUrlEncoder().withoutPadding().encodeToString(id.array()),
            group,
            partition,
            topicName,
            incarnation);
  }

  /** Whether the directory's file says this, as this build writes it. */
  boolean isIn(Disk disk, Path directory) throws IOException {
    Path file = directory.resolve(FILE_NAME);
    return disk.exists(file) && Arrays.equals(disk.readAll(file), toBytes());
  }

  /** What the directory's file says; empty when it is missing or not whole. */
  static Optional<PartitionMetadata> read(Disk disk, Path directory) throws IOException {
    Path file = directory.resolve(FILE_NAME);
    if (!disk.exists(file)) {
      return Optional.empty();
    }
    byte[] bytes = disk.readAll(file);
    return parse(bytes).filter(found -> found.isWhole(bytes));
  }

  private boolean isWhole(byte[] bytes) {
    return Arrays.equals(bytes, toBytes())
        || Arrays.equals(bytes, lines().getBytes(StandardCharsets.UTF_8));
  }

  private static Optional<PartitionMetadata> parse(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (!text.endsWith("\n")) {
      return Optional.empty();
    }
    Map<String, String> values = new HashMap<>();
    for (String line : text.lines().toList()) {
      int colon = line.indexOf(": ");
      if (colon < 0) {
        return Optional.empty();
      }
      values.put(line.substring(0, colon), line.substring(colon + 2));
    }
    try {
      ByteBuffer id = ByteBuffer.wrap(Base64.getUrlDecoder().decode(value(values, "topic_id")));
      return value(values, "version").equals("0")
          ? Optional.of(
              new PartitionMetadata(
                  new UUID(id.getLong(), id.getLong()),
                  value(values, "topic"),
                  Integer.parseInt(value(values, "partition")),
                  Integer.parseInt(value(values, "group")),
                  Long.parseLong(value(values, "incarnation"))))
          : Optional.empty();
    } catch (IllegalArgumentException | BufferUnderflowException e) {
      return Optional.empty();
    }
  }

  private static String value(Map<String, String> values, String name) {
    return values.getOrDefault(name, "");
  }
}
