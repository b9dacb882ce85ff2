package io.ottla.demo;

import tools.jackson.databind.JsonNode;

/** One event as a reader got it. Immutable. */
record Delivery(int partition, long offset, String key, JsonNode value) {
  static Delivery of(JsonNode event) {
    return new Delivery(
        event.required("partition").asInt(),
        event.required("offset").asLong(),
        event.required("key").asString(),
        event.required("value"));
  }

  boolean holds(Earthquake earthquake) {
    return key.equals(earthquake.key()) && value.equals(earthquake.value());
  }
}
