package io.ottla.broker.produce;

import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.log.Compression;
import io.ottla.log.Header;
import io.ottla.metadata.Topic;
import io.ottla.metadata.TopicConfig;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a topic takes. Stateless. */
final class EventRules {
  private EventRules() {}

  /** Why nothing can be written to the topic. */
  static Optional<Refusal> refusal(Topic topic) {
    return topic.internal()
        ? Optional.of(
            Refusal.of(
                    RefusalCode.INTERNAL_TOPIC,
                    "topic " + topic.name() + " is the system's own and cannot be written to")
                .notAppended())
        : Optional.empty();
  }

  /** Why the topic does not take this event; null if it does. */
  static Refusal refusal(Topic topic, Event event) {
    TopicConfig config = topic.config();
    Integer partition = event.partition();
    if (partition != null && (partition < 0 || partition >= topic.partitions())) {
      return Refusal.of(
              RefusalCode.PARTITION_OUT_OF_RANGE,
              "topic %s has the partitions 0 to %d, not %d"
                  .formatted(topic.name(), topic.partitions() - 1, partition))
          .with("field", "partition")
          .notAppended();
    }
    if (event.key() == null && config.compacted()) {
      return Refusal.of(
              RefusalCode.KEY_REQUIRED,
              "topic " + topic.name() + " is compacted: every event needs a key")
          .with("field", "key")
          .notAppended();
    }
    long sizeBytes = sizeBytes(event);
    if (sizeBytes > config.maxRecordBytes()) {
      return Refusal.of(
              RefusalCode.RECORD_TOO_LARGE,
              "an event has %d bytes, topic %s takes at most %d"
                  .formatted(sizeBytes, topic.name(), config.maxRecordBytes()))
          .notAppended();
    }
    return null;
  }

  /** The bytes of key, value and headers. */
  private static long sizeBytes(Event event) {
    long bytes = event.key() == null ? 0 : event.key().remaining();
    bytes += event.value() == null ? 0 : event.value().remaining();
    List<Header> headers = event.headers();
    for (int i = 0; i < headers.size(); i++) {
      Header header = headers.get(i);
      bytes += header.name().getBytes(StandardCharsets.UTF_8).length;
      bytes += header.value() == null ? 0 : header.value().length;
    }
    return bytes;
  }

  /** How the topic's batches are compressed: not at all where its codec cannot be loaded. */
  static Compression compression(Topic topic) {
    return Compression.valueOf(topic.config().compression().toUpperCase(Locale.ROOT)).orNone();
  }
}
