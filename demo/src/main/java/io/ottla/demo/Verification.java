package io.ottla.demo;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Compares what a topic holds with what was promised, by reading every partition from the first
 * offset to the last, without a consumer.
 */
final class Verification {
  private final Target target;
  private final Ledger ledger;
  private final List<Earthquake> sent;
  private final List<String> lost = new ArrayList<>();
  private final List<String> unexplained = new ArrayList<>();
  private final List<String> outOfOrder = new ArrayList<>();
  private int stored;

  private Verification(Target target, Ledger ledger, List<Earthquake> sent) {
    this.target = target;
    this.ledger = ledger;
    this.sent = sent;
  }

  static Verification of(Target target, Ledger ledger, List<Earthquake> sent)
      throws IOException, InterruptedException {
    Verification verification = new Verification(target, ledger, sent);
    for (TopicState.Partition partition : TopicState.read(target).partitions()) {
      verification.compare(partition);
    }
    return verification;
  }

  private void compare(TopicState.Partition partition) throws IOException, InterruptedException {
    List<Delivery> read = readAll(partition);
    stored += read.size();
    Map<Long, Earthquake> promised =
        new HashMap<>(ledger.byPartition().getOrDefault(partition.number(), Map.of()));
    Map<JsonNode, Earthquake> byValue = new HashMap<>();
    sent.forEach(earthquake -> byValue.put(earthquake.value(), earthquake));
    Map<String, Integer> lastOfKey = new HashMap<>();
    Set<Integer> seen = new HashSet<>();
    for (Delivery delivery : read) {
      Earthquake expected = promised.remove(delivery.offset());
      Earthquake found = byValue.get(delivery.value());
      String place = "partition " + partition.number() + " offset " + delivery.offset();
      if (expected != null && !delivery.holds(expected)) {
        lost.add(place + " holds another event");
      } else if (found == null || (expected == null && !ledger.isInDoubt(found))) {
        unexplained.add(place);
      } else if (seen.add(found.number())
          && lastOfKey.merge(found.key(), found.number(), Math::max) > found.number()) {
        outOfOrder.add(place + ", key " + found.key());
      }
    }
    promised.forEach(
        (offset, earthquake) ->
            lost.add("partition " + partition.number() + " offset " + offset + " is not there"));
  }

  private List<Delivery> readAll(TopicState.Partition partition)
      throws IOException, InterruptedException {
    List<Delivery> read = new ArrayList<>();
    long offset = partition.startOffset();
    while (offset < partition.endOffset()) {
      JsonNode answer =
          target
              .api()
              .get(
                  target.path("/events")
                      + "&partition="
                      + partition.number()
                      + "&offset="
                      + offset
                      + "&max_events=1000")
              .expect(200);
      answer.required("events").forEach(event -> read.add(Delivery.of(event)));
      long next = answer.required("next_offset").asLong();
      if (next <= offset) {
        throw new IOException(
            "partition " + partition.number() + " ends at " + offset + ", before its end offset");
      }
      offset = next;
    }
    return read;
  }

  int stored() {
    return stored;
  }

  /** Promised and not there, or something else in its place. */
  List<String> lost() {
    return lost;
  }

  /** There, but neither promised nor in doubt. */
  List<String> unexplained() {
    return unexplained;
  }

  /** Behind a later event of the same key. */
  List<String> outOfOrder() {
    return outOfOrder;
  }
}
