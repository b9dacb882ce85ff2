package io.ottla.broker.produce;

import io.ottla.broker.produce.ProduceRequest.Event;
import java.util.ArrayList;
import java.util.List;

/**
 * A request's events, divided by partition. One owner at a time.
 *
 * @param events in input order
 * @param partitionOf element i is the partition of event i
 * @param partitions those that got events, each once
 * @param eventsOf element k: the events of {@code partitions[k]}, in input order
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Shares(List<Event> events, int[] partitionOf, int[] partitions, List<List<Event>> eventsOf) {
  /** Divides the events; {@code partitionOf} names a partition below {@code partitionCount}. */
  static Shares of(List<Event> events, int[] partitionOf, int partitionCount) {
    if (partitionOf.length == 1) {
      return new Shares(events, partitionOf, partitionOf, List.of(events));
    }
    int[] counts = new int[partitionCount];
    int used = 0;
    for (int partition : partitionOf) {
      if (counts[partition]++ == 0) {
        used++;
      }
    }
    int[] partitions = new int[used];
    int[] slotOf = new int[partitionCount];
    List<List<Event>> eventsOf = new ArrayList<>(used);
    for (int partition = 0; partition < partitionCount; partition++) {
      if (counts[partition] > 0) {
        slotOf[partition] = eventsOf.size();
        partitions[eventsOf.size()] = partition;
        eventsOf.add(new ArrayList<>(counts[partition]));
      }
    }
    for (int i = 0; i < partitionOf.length; i++) {
      eventsOf.get(slotOf[partitionOf[i]]).add(events.get(i));
    }
    return new Shares(events, partitionOf, partitions, eventsOf);
  }
}
