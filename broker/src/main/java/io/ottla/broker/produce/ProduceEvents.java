package io.ottla.broker.produce;

import io.ottla.broker.Answer;
import io.ottla.broker.Refusal;
import io.ottla.broker.TopicDirectory;
import io.ottla.broker.TopicDirectory.TopicRef;
import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.broker.produce.Share.Condition;
import io.ottla.broker.store.ProducerClaim;
import io.ottla.broker.store.ProducerClaim.Mark;
import io.ottla.broker.store.ProducerClaim.ProducerKey;
import io.ottla.log.Compression;
import io.ottla.metadata.Topic;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Appends events to a topic. Everything that can be wrong with a request is found before any of it
 * is appended; then each partition's events go together to the partition's data group. Thread-safe.
 */
public final class ProduceEvents {
  private static final Condition NO_CONDITION = new Condition.None();

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
    Optional<Refusal> refusal =
        EventRules.refusal(topic)
            .or(() -> firstRefusal(topic, request.events()))
            .or(() -> ProducerCheck.refusal(directory, found.cluster(), request.producer()));
    if (refusal.isPresent()) {
      return Answer.refused(refusal.get());
    }
    long nowMs = clock.millis();
    Shares shares = divide(topic, request);
    List<Share> sent = shares(topic, shares, request.producer(), nowMs, deadlineNanos);
    Optional<Refusal> noRoom = ProducerCheck.noRoom(found.cluster(), topic, sent);
    if (noRoom.isPresent()) {
      return Answer.refused(noRoom.get());
    }
    List<AppendOutcome> outcomes =
        new Delivery(found.cluster(), topic, sent, deadlineNanos).deliver();
    AppendRefusals refusals = new AppendRefusals(found.cluster(), topic);
    return new ProduceAnswer(topic, shares, sent, outcomes, refusals, nowMs).answer();
  }

  private static Optional<Refusal> firstRefusal(Topic topic, List<Event> events) {
    for (int i = 0; i < events.size(); i++) {
      Refusal refusal = EventRules.refusal(topic, events.get(i));
      if (refusal != null) {
        return Optional.of(refusal.with("index", i));
      }
    }
    return Optional.empty();
  }

  private Shares divide(Topic topic, ProduceRequest request) {
    List<Event> events = request.events();
    int[] partitions = new int[events.size()];
    for (int i = 0; i < partitions.length; i++) {
      partitions[i] = partitioner.partition(topic, events.get(i), request.producer(), i);
    }
    return Shares.of(events, partitions, topic.partitions());
  }

  private static List<Share> shares(
      Topic topic,
      Shares divided,
      Optional<ProducerSequence> producer,
      long nowMs,
      long deadlineNanos) {
    Mark[] after = producer.isPresent() ? marks(divided, topic.partitions()) : null;
    Compression compression = EventRules.compression(topic);
    List<Share> shares = new ArrayList<>(divided.partitions().length);
    for (int k = 0; k < divided.partitions().length; k++) {
      int partition = divided.partitions()[k];
      Condition condition =
          producer.isEmpty()
              ? NO_CONDITION
              : new Condition.Claimed(
                  new ProducerClaim(
                      ProducerKey.ofHttp(producer.get().producerId()),
                      producer.get().sequence(),
                      Mark.START,
                      after[partition],
                      nowMs));
      shares.add(
          new Share(
              topic.id(),
              partition,
              compression,
              divided.eventsOf().get(k),
              nowMs,
              condition,
              deadlineNanos));
    }
    return shares;
  }

  /** Element p: the mark behind the request's last event for partition p. */
  private static Mark[] marks(Shares shares, int partitions) {
    EventChecksum checksum = new EventChecksum();
    Mark[] marks = new Mark[partitions];
    Arrays.fill(marks, Mark.START);
    for (int i = 0; i < shares.events().size(); i++) {
      int partition = shares.partitionOf()[i];
      marks[partition] = checksum.after(marks[partition], i, shares.events().get(i));
    }
    return marks;
  }

  /**
   * Begins to append the events of one body piece by piece.
   *
   * @return a refusal says that nothing was or will be appended, or that an earlier try may have
   */
  public Answer<ProduceStream> open(StreamRequest request) {
    return switch (directory.topic(request.cluster(), request.topic())) {
      case Answer.Refused<TopicRef>(Refusal refusal) -> Answer.refused(refusal.notAppended());
      case Answer.Ok<TopicRef>(TopicRef found) -> {
        Optional<Refusal> refusal =
            EventRules.refusal(found.topic())
                .or(() -> ProducerCheck.refusal(directory, found.cluster(), request.producer()));
        yield refusal.isPresent()
            ? Answer.refused(refusal.get())
            : Answer.ok(new AppendedStream(found, request, partitioner, clock));
      }
    };
  }

  /**
   * A body to append piece by piece.
   *
   * @param timeout for each piece
   * @param producer if the body is sent again under it, it goes on where it stopped
   */
  public record StreamRequest(
      Optional<String> cluster,
      String topic,
      Duration timeout,
      Optional<ProducerSequence> producer) {}
}
