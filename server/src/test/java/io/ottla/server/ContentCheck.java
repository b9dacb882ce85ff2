package io.ottla.server;

import io.ottla.server.GroupHistory.Answer;
import io.ottla.server.GroupHistory.Delivered;
import io.ottla.server.History.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Whether what was delivered is what was produced, each event in its place and none missed. */
record ContentCheck(List<Answer> answers, Map<Integer, Long> committed) {
  List<String> contradictions(History produced) {
    List<String> found = new ArrayList<>();
    Map<Place, String> delivered = new HashMap<>();
    for (Answer answer : answers) {
      for (Delivered event : answer.events()) {
        Place place = new Place(event.partition(), event.offset());
        String other = delivered.putIfAbsent(place, event.value());
        if (other == null) {
          produced.complaint(event.value(), place).ifPresent(found::add);
        } else if (!other.equals(event.value())) {
          found.add(
              "inconsistent offset: %s shows %s and %s".formatted(place, other, event.value()));
        }
      }
    }
    produced
        .acked()
        .forEach(
            (value, place) -> {
              long committedOffset =
                  Optional.ofNullable(committed.get(place.partition())).orElse(0L);
              if (place.offset() < committedOffset && !delivered.containsKey(place)) {
                found.add(
                    "missed: %s at %s, committed up to %d"
                        .formatted(value, place, committedOffset));
              }
            });
    return found;
  }
}
