package io.ottla.groups;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * Where a member was after an answer. Immutable.
 *
 * <pre>{@code
 * byte version = 1 | varint idBytes, member id in UTF-8 | varlong groupCreatedAtMs | varint topics
 * topics × (16 bytes topic id | varint partitions | partitions × (varint partition, varint epoch, varlong nextOffset))
 * int crc32c of everything before
 * }</pre>
 *
 * in base64url without padding; varints are unsigned LEB128. The checksum finds garbled cursors; it
 * is no signature, so what a cursor says is checked like any other input.
 *
 * @param memberId whose answer it was
 * @param groupCreatedAtMs which group of that name
 * @param places per partition the next offset
 */
public record Cursor(
    String memberId, long groupCreatedAtMs, SortedMap<TopicPartition, Place> places) {
  private static final byte VERSION = 1;
  private static final int MAX_CHARS = 256 * 1024;

  public Cursor {
    places = Collections.unmodifiableSortedMap(new TreeMap<>(places));
  }

  /**
   * Where it was in one partition.
   *
   * @param epoch the ownership that the events were given under
   * @param nextOffset the next offset to read
   */
  public record Place(int epoch, long nextOffset) {}

  /** The cursor as text: letters, digits, {@code -} and {@code _}. */
  public String encode() {
    byte[] id = memberId.getBytes(StandardCharsets.UTF_8);
    ByteBuffer out = ByteBuffer.allocate(32 + id.length + places.size() * 45);
    out.put(VERSION);
    putVarlong(out, id.length);
    out.put(id);
    putVarlong(out, groupCreatedAtMs);
    putVarlong(out, places.keySet().stream().map(TopicPartition::topicId).distinct().count());
    UUID topic = null;
    for (TopicPartition partition : places.keySet()) {
      if (!partition.topicId().equals(topic)) {
        topic = partition.topicId();
        out.putLong(topic.getMostSignificantBits()).putLong(topic.getLeastSignificantBits());
        UUID current = topic;
        putVarlong(out, places.keySet().stream().filter(p -> p.topicId().equals(current)).count());
      }
      Place place = places.get(partition);
      putVarlong(out, partition.partition());
      putVarlong(out, place.epoch());
      putVarlong(out, place.nextOffset());
    }
    out.putInt(checksum(out.array(), out.position()));
    byte[] bytes = new byte[out.flip().remaining()];
    out.get(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** The cursor that the text is; empty if it is none of ours, whatever it is. */
  public static Optional<Cursor> decode(String text) {
    if (text.length() > MAX_CHARS) {
      return Optional.empty();
    }
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(text);
      int contentBytes = bytes.length - Integer.BYTES;
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

  private static void putVarlong(ByteBuffer out, long value) {
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
