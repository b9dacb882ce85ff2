package io.ottla.broker.consume;

import io.ottla.groups.Cursor;
import io.ottla.groups.CursorTrail;
import io.ottla.groups.TopicPartition;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The cursors along the answer to a poll. One owner at a time. */
final class EventCursors implements EventIds {
  private final byte[] start;
  private final CursorTrail trail;
  private final List<TopicPartition> order;

  /**
   * @param end where the answer ends
   * @param startOffsets where its partitions began
   * @param order the partitions of its events, as they are answered
   */
  EventCursors(Cursor end, Map<TopicPartition, Long> startOffsets, List<TopicPartition> order) {
    SortedMap<TopicPartition, Cursor.Place> places = new TreeMap<>(end.places());
    places.replaceAll(
        (partition, place) -> {
          Long startOffset = startOffsets.get(partition);
          return startOffset == null ? place : new Cursor.Place(place.epoch(), startOffset);
        });
    this.trail = new CursorTrail(end.at(places));
    this.start = trail.text();
    this.order = order;
  }

  @Override
  public byte[] start() {
    return start;
  }

  @Override
  public byte[] after(int index, long nextOffset) {
    trail.moveTo(order.get(index), nextOffset);
    return trail.text();
  }
}
