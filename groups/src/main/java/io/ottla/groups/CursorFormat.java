package io.ottla.groups;

import io.ottla.groups.Cursor.Place;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * A cursor's text.
 *
 * <pre>{@code
 * byte version = 1 | varint idBytes, member id in UTF-8 | varlong groupCreatedAtMs | varint topics
 * topics × (16 bytes topic id | varint partitions | partitions × (varint partition, varint epoch, varlong nextOffset))
 * int crc32c of everything before
 * }</pre>
 *
 * in base64url without padding; varints are unsigned LEB128. The checksum finds garbled cursors; it
 * is no signature, so what a cursor says is checked like any other input. No state.
 */
final class CursorFormat {
  static final int LONGEST_VARLONG_BYTES = 9;

  /** What {@link #seal} adds. */
  static final int TAIL_BYTES = Integer.BYTES;

  private static final byte VERSION = 1;
  private static final int MAX_CHARS = 256 * 1024;
  private static final int TOPIC_BYTES = 16 + LONGEST_VARLONG_BYTES;

  private CursorFormat() {}

  /** Everything before the first topic. */
  static byte[] head(Cursor cursor) {
    byte[] id = cursor.memberId().getBytes(StandardCharsets.UTF_8);
    ByteBuffer out = ByteBuffer.allocate(1 + id.length + 3 * LONGEST_VARLONG_BYTES);
    out.put(VERSION);
    putVarlong(out, id.length);
    out.put(id);
    putVarlong(out, cursor.groupCreatedAtMs());
    putVarlong(
        out, cursor.places().keySet().stream().map(TopicPartition::topicId).distinct().count());
    return written(out);
  }

  /**
   * A partition's part without its next offset.
   *
   * @param isFirstOfTopic whether the topic's own part stands in front of it
   */
  static byte[] place(Cursor cursor, TopicPartition partition, boolean isFirstOfTopic) {
    ByteBuffer out = ByteBuffer.allocate(TOPIC_BYTES + 2 * LONGEST_VARLONG_BYTES);
    if (isFirstOfTopic) {
      UUID topic = partition.topicId();
      out.putLong(topic.getMostSignificantBits()).putLong(topic.getLeastSignificantBits());
      putVarlong(
          out, cursor.places().keySet().stream().filter(p -> p.topicId().equals(topic)).count());
    }
    putVarlong(out, partition.partition());
    putVarlong(out, cursor.places().get(partition).epoch());
    return written(out);
  }

  /**
   * Adds the checksum: the whole text.
   *
   * @param out with {@link #TAIL_BYTES} of room
   */
  static byte[] seal(ByteBuffer out) {
    byte[] content = written(out);
    out.putInt(checksum(content, content.length));
    return Base64.getUrlEncoder().withoutPadding().encode(written(out));
  }

  private static byte[] written(ByteBuffer out) {
    byte[] bytes = new byte[out.position()];
    out.get(0, bytes);
    return bytes;
  }

  /** The cursor that the text is; empty if it is none of ours, whatever it is. */
  static Optional<Cursor> decode(String text) {
    if (text.length() > MAX_CHARS) {
      return Optional.empty();
    }
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(text);
      int contentBytes = bytes.length - TAIL_BYTES;
      if (contentBytes < 1
          || ByteBuffer.wrap(bytes).getInt(contentBytes) != checksum(bytes, contentBytes)) {
        return Optional.empty();
      }
      ByteBuffer in = ByteBuffer.wrap(bytes, 0, contentBytes);
      return in.get() == VERSION ? read(in) : Optional.empty();
    } catch (IllegalArgumentException | BufferUnderflowException e) {
      return Optional.empty();
    }
  }

  private static Optional<Cursor> read(ByteBuffer in) {
    byte[] id = new byte[count(in)];
    in.get(id);
    long createdAtMs = varlong(in);
    SortedMap<TopicPartition, Place> places = new TreeMap<>();
    for (int topics = count(in); topics > 0; topics--) {
      UUID topic = new UUID(in.getLong(), in.getLong());
      for (int partitions = count(in); partitions > 0; partitions--) {
        TopicPartition partition = new TopicPartition(topic, int32(in));
        if (places.put(partition, new Place(int32(in), varlong(in))) != null) {
          return Optional.empty();
        }
      }
    }
    String memberId = new String(id, StandardCharsets.UTF_8);
    return in.hasRemaining()
        ? Optional.empty()
        : Optional.of(new Cursor(memberId, createdAtMs, places));
  }

  /** A count of things that take at least one byte each. */
  private static int count(ByteBuffer in) {
    long count = varlong(in);
    if (count > in.remaining()) {
      throw new IllegalArgumentException("count=" + count);
    }
    return (int) count;
  }

  private static int int32(ByteBuffer in) {
    long value = varlong(in);
    if (value > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("value=" + value);
    }
    return (int) value;
  }

  private static long varlong(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      byte next = in.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("number is too long");
  }

  static void putVarlong(ByteBuffer out, long value) {
    long rest = value;
    while (rest > 0x7f) {
      out.put((byte) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    out.put((byte) rest);
  }

  private static int checksum(byte[] bytes, int lengthBytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, lengthBytes);
    return (int) crc.getValue();
  }
}
