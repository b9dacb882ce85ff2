package io.ottla.broker.produce;

import io.ottla.broker.Answer;
import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.TopicDirectory;
import io.ottla.broker.TopicDirectory.TopicRef;
import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.log.Header;
import io.ottla.metadata.Topic;
import io.ottla.metadata.TopicConfig;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Appends events to a topic. Everything that can be wrong with a request is found before any of it
 * is appended; then each partition's events go together to the partition's data group. Thread-safe.
 */
public final class ProduceEvents {
  private final TopicDirectory directory;
  private final InstantSource clock;
  private final Partitioner partitioner = new Partitioner();

  public ProduceEvents(TopicDirectory directory, InstantSource clock) {
    this.directory = directory;
    this.clock = clock;
  }

  /**
   * Appends the events and waits until they are committed, at most the request's time-out.
   *
   * @return a refusal says with {@code appended} whether anything may have been appended; it is
   *     given only when no event is committed
   */
  public Answer<ProduceResult> produce(ProduceRequest request) {
    long deadlineNanos = System.nanoTime() + request.timeout().toNanos();
    return switch (directory.topic(request.cluster(), request.topic())) {
      case Answer.Refused<TopicRef>(Refusal refusal) -> Answer.refused(refusal.notAppended());
      case Answer.Ok<TopicRef>(TopicRef found) -> produce(found, request, deadlineNanos);
    };
  }

  private Answer<ProduceResult> produce(
      TopicRef found, ProduceRequest request, long deadlineNanos) {
    Topic topic = found.topic();
    Optional<Refusal> refusal = check(topic, request.events());
    if (refusal.isPresent()) {
      return Answer.refused(refusal.get().notAppended());
    }
    Shares shares = divide(topic, request.events());
    return new Delivery(found.cluster(), topic, shares, clock.millis(), deadlineNanos).deliver();
  }

  private static Optional<Refusal> check(Topic topic, List<Event> events) {
    if (topic.internal()) {
      return Optional.of(
          Refusal.of(
              RefusalCode.INTERNAL_TOPIC,
              "topic " + topic.name() + " is the system's own and cannot be written to"));
    }
    for (int i = 0; i < events.size(); i++) {
      Refusal refusal = check(topic, events.get(i));
      if (refusal != null) {
        return Optional.of(refusal.with("index", i));
      }
    }
    return Optional.empty();
  }

  /** Null if nothing is wrong with it. */
  private static Refusal check(Topic topic, Event event) {
    TopicConfig config = topic.config();
    Integer partition = event.partition();
    if (partition != null && (partition < 0 || partition >= topic.partitions())) {
      return Refusal.of(
              RefusalCode.PARTITION_OUT_OF_RANGE,
              "topic %s has the partitions 0 to %d, not %d"
                  .formatted(topic.name(), topic.partitions() - 1, partition))
          .with("field", "partition");
    }
    if (event.key() == null && config.compacted()) {
      return Refusal.of(
              RefusalCode.KEY_REQUIRED,
              "topic " + topic.name() + " is compacted: every event needs a key")
          .with("field", "key");
    }
    long sizeBytes = sizeBytes(event);
    if (sizeBytes > config.maxRecordBytes()) {
      return Refusal.of(
          RefusalCode.RECORD_TOO_LARGE,
          "an event has %d bytes, topic %s takes at most %d"
              .formatted(sizeBytes, topic.name(), config.maxRecordBytes()));
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
      bytes += header.name().length() + (header.value() == null ? 0 : header.value().length);
    }
    return bytes;
  }

  private Shares divide(Topic topic, List<Event> events) {
    int[] partitions = new int[events.size()];
    for (int i = 0; i < partitions.length; i++) {
      Event event = events.get(i);
      partitions[i] =
          event.partition() != null
              ? event.partition()
              : partitioner.partition(topic.id(), event.key(), topic.partitions());
    }
    return Shares.of(events, partitions, topic.partitions());
  }
}
