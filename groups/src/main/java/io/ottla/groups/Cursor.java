package io.ottla.groups;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Where a member was after an answer. {@link CursorFormat} has its text. Immutable.
 *
 * @param memberId whose answer it was
 * @param groupCreatedAtMs which group of that name
 * @param places per partition the next offset
 */
public record Cursor(
    String memberId, long groupCreatedAtMs, SortedMap<TopicPartition, Place> places) {
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

  /** The same member's cursor with these places alone. */
  public Cursor at(SortedMap<TopicPartition, Place> otherPlaces) {
    return new Cursor(memberId, groupCreatedAtMs, otherPlaces);
  }

  /** The cursor as text: letters, digits, {@code -} and {@code _}. */
  public String encode() {
    return new String(new CursorTrail(this).text(), StandardCharsets.US_ASCII);
  }

  /** The cursor that the text is; empty if it is none of ours, whatever it is. */
  public static Optional<Cursor> decode(String text) {
    return CursorFormat.decode(text);
  }
}
