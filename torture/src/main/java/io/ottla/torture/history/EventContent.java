package io.ottla.torture.history;

import io.ottla.testkit.Api;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an event holds: all of it follows from a run's seed and the event's id, so nothing has to be
 * kept to know what a reader must see. Immutable.
 *
 * <p>The value is an object: the id, a filling of random length, and a checksum over both. Most
 * events have a key, half a timestamp of their own, half one or two headers.
 */
final class EventContent {
  private static final long FIRST_TIMESTAMP_MS = 1_700_000_000_000L;

  private final long seed;

  EventContent(long seed) {
    this.seed = seed;
  }

  /** The event as a publish wants it, without topic and partition. */
  ObjectNode event(long id) {
    long hash = hash(id);
    ObjectNode event = Api.object();
    if (hasKey(hash)) {
      event.put("key", key(hash));
    }
    event.set("value", value(id, hash));
    if (hasTimestamp(hash)) {
      event.put("timestamp", timestamp(hash));
    }
    ObjectNode headers = headers(hash);
    if (!headers.isEmpty()) {
      event.set("headers", headers);
    }
    return event;
  }

  /** What is wrong with an event as it was read; empty if nothing is. */
  String complaint(long id, JsonNode read) {
    long hash = hash(id);
    if (!value(id, hash).equals(read.path("value"))) {
      return "value " + read.path("value");
    }
    String key = read.path("key").isString() ? read.path("key").asString() : null;
    if (hasKey(hash) ? !key(hash).equals(key) : key != null) {
      return "key " + read.path("key") + " instead of " + (hasKey(hash) ? key(hash) : "none");
    }
    if (hasTimestamp(hash) && read.path("timestamp").asLong(-1) != timestamp(hash)) {
      return "timestamp " + read.path("timestamp") + " instead of " + timestamp(hash);
    }
    JsonNode headers = read.path("headers");
    ObjectNode expected = headers(hash);
    boolean same = expected.isEmpty() ? headers.isEmpty() : expected.equals(headers);
    return same ? "" : "headers " + headers + " instead of " + expected;
  }

  private static boolean hasKey(long hash) {
    return (hash & 3) != 0;
  }

  private static String key(long hash) {
    return "k" + ((hash >>> 8) & 1023);
  }

  private static boolean hasTimestamp(long hash) {
    return (hash >>> 24 & 1) == 0;
  }

  private static long timestamp(long hash) {
    return FIRST_TIMESTAMP_MS + (hash >>> 32 & 0xfffff);
  }

  private static ObjectNode headers(long hash) {
    ObjectNode headers = Api.object();
    for (int i = 0; i < (hash >>> 20 & 3) - 1; i++) {
      headers.put("h" + i, Long.toHexString(hash + i));
    }
    return headers;
  }

  private static ObjectNode value(long id, long hash) {
    String text = EventId.text(id);
    int fillingBytes = (int) (hash >>> 40 & 127) * ((hash >>> 48 & 31) == 0 ? 20 : 1);
    String filling = Character.toString('a' + (int) (hash >>> 56 & 15)).repeat(fillingBytes);
    CRC32C sum = new CRC32C();
    sum.update((text + filling).getBytes(StandardCharsets.US_ASCII));
    return Api.object()
        .put("id", text)
        .put("filling", filling)
        .put("sum", Long.toHexString(sum.getValue()));
  }

  /** The finalizer of SplitMix64: all bits of the result depend on all of the input's. */
  private long hash(long id) {
    long mixed = seed + id * 0x9E3779B97F4A7C15L;
    mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }
}
