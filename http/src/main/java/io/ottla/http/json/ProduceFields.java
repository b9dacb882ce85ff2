package io.ottla.http.json;

import io.ottla.broker.produce.ProduceRequest.Event;
import java.util.List;

/**
 * The fields of the JSON body of {@code POST /events}, as they stand there. One owner at a time.
 */
final class ProduceFields {
  /** A number that was not given. */
  static final long NOT_SAID = -1;

  String topic;
  String cluster;
  String results;
  long producerId = NOT_SAID;
  long sequence = NOT_SAID;
  long timeoutMs = NOT_SAID;

  /** Null if there is no list of events. */
  List<Event> events;

  /** What the fields of an event outside of a list make. */
  Event single;

  /** The first of those fields; null if there is none. */
  String firstOfSingle;
}
