package io.ottla.broker.identity;

import io.ottla.disk.Disk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Function;
import java.util.zip.CRC32C;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * A small record as a JSON file that people can read and that knows when it is damaged. Immutable,
 * thread-safe.
 *
 * <pre>{@code
 * {
 *   "version" : 2,
 *   …                         the record's fields
 *   "crc32c" : "0a1b2c3d"     always last: CRC-32C of every byte before the comma that precedes it
 * }
 * }</pre>
 *
 * Version 1 is an older build's and has no checksum. Every later version keeps the last line, so
 * that a newer file can be told from a damaged one. An unknown field is damage, never skipped.
 *
 * @param <T> the record
 */
final class SealedJson<T extends Record> {
  /** What this build writes. */
  static final int VERSION = 2;

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private static final String SEAL = ",\n  \"crc32c\" : \"";
  private static final String END = "\"\n}\n";
  private static final int SEAL_DIGITS = 8;

  private final Disk disk;
  private final Class<T> type;
  private final Function<JsonNode, T> ofVersion1;

  private SealedJson(Disk disk, Class<T> type, Function<JsonNode, T> ofVersion1) {
    this.disk = disk;
    this.type = type;
    this.ofVersion1 = ofVersion1;
  }

  /** For files whose first version is read as {@code V} and becomes what {@code upgrade} says. */
  static <T extends Record, V extends Record> SealedJson<T> of(
      Disk disk, Class<T> type, Class<V> version1, Function<V, T> upgrade) {
    return new SealedJson<>(disk, type, tree -> upgrade.apply(JSON.treeToValue(tree, version1)));
  }

  /**
   * What stands at the path.
   *
   * @throws NewerFormatException when a newer build wrote it
   */
  IdentityRead<T> read(Path path) throws NewerFormatException {
    byte[] bytes;
    try {
      if (!disk.exists(path)) {
        return new IdentityRead.Missing<>(path);
      }
      bytes = disk.readAll(path);
    } catch (IOException e) {
      return new IdentityRead.Unreadable<>(path, e);
    }
    try {
      return decode(path, bytes);
    } catch (JacksonException e) {
      return new IdentityRead.Damaged<>(path, "it is damaged: " + e.getOriginalMessage());
    }
  }

  private IdentityRead<T> decode(Path path, byte[] bytes) throws NewerFormatException {
    String text = new String(bytes, StandardCharsets.UTF_8);
    int seal = text.lastIndexOf(SEAL);
    if (seal < 0) {
      JsonNode tree = JSON.readTree(text);
      return tree.path("version").asInt(0) == 1
          ? new IdentityRead.Whole<>(path, ofVersion1.apply(tree), false)
          : new IdentityRead.Damaged<>(path, "it is damaged: its checksum is missing");
    }
    String body = text.substring(0, seal);
    if (!text.equals(sealed(body))) {
      return new IdentityRead.Damaged<>(path, "it is damaged: its checksum does not match");
    }
    JsonNode tree = JSON.readTree(body + "\n}");
    int version = tree.path("version").asInt(0);
    if (version > VERSION) {
      throw new NewerFormatException(path, "version", version, VERSION);
    }
    return new IdentityRead.Whole<>(path, JSON.treeToValue(tree, type), true);
  }

  /** Replaces the file; durable when this returns, name included. */
  void write(Path path, T value) throws IOException {
    disk.writeDurably(path, encode(value));
  }

  byte[] encode(T value) {
    String json = JSON.writeValueAsString(value).replace("\r\n", "\n");
    if (!json.endsWith("\n}")) {
      throw new IllegalStateException("not an indented object: " + json);
    }
    return sealed(json.substring(0, json.length() - 2)).getBytes(StandardCharsets.UTF_8);
  }

  static String sealed(String body) {
    CRC32C crc = new CRC32C();
    crc.update(body.getBytes(StandardCharsets.UTF_8));
    return body + SEAL + String.format("%0" + SEAL_DIGITS + "x", crc.getValue()) + END;
  }

  /** Whether the file that was read holds exactly this; false if that cannot be found out. */
  boolean holds(IdentityRead<T> read, T value) {
    try {
      return read.value().isPresent() && holds(read.path(), value);
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether the file holds exactly this. */
  boolean holds(Path path, T value) throws IOException {
    return disk.exists(path) && Arrays.equals(disk.readAll(path), encode(value));
  }
}
