package io.ottla.broker.produce;

import io.ottla.broker.Refusal;
import io.ottla.broker.TopicDirectory.TopicRef;
import io.ottla.broker.produce.AppendOutcome.Appended;
import io.ottla.broker.produce.AppendOutcome.Known;
import io.ottla.broker.produce.AppendOutcome.Unknown;
import io.ottla.broker.produce.ProduceEvents.StreamRequest;
import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.broker.produce.Share.Condition;
import io.ottla.broker.store.ProducerClaim;
import io.ottla.broker.store.ProducerClaim.ProducerKey;
import io.ottla.metadata.Topic;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A {@link ProduceStream} into one topic.
 *
 * <p>With a sequence, the unit of a retry is the line: the first piece for a partition learns what
 * the partition has of the sequence, lines up to there are compared by their checksum instead of
 * being sent, and the rest goes on behind them.
 */
final class AppendedStream implements ProduceStream {
  private final TopicRef target;
  private final StreamRequest request;
  private final Partitioner partitioner;
  private final InstantSource clock;
  private final AppendRefusals refusals;

  /** Element p is partition p; null as long as no event of the stream has gone there. */
  private final StreamedPartition[] partitions;

  AppendedStream(
      TopicRef target, StreamRequest request, Partitioner partitioner, InstantSource clock) {
    this.target = target;
    this.request = request;
    this.partitioner = partitioner;
    this.clock = clock;
    this.refusals = new AppendRefusals(target.cluster(), target.topic());
    this.partitions = new StreamedPartition[target.topic().partitions()];
  }

  @Override
  public Refusal check(Event event) {
    return EventRules.refusal(target.topic(), event);
  }

  @Override
  public Optional<Refusal> append(List<NumberedEvent> events) {
    long deadlineNanos = System.nanoTime() + request.timeout().toNanos();
    divide(events);
    while (true) {
      List<StreamedPartition> sending = new ArrayList<>();
      List<Share> shares = new ArrayList<>();
      for (StreamedPartition partition : partitions) {
        if (partition != null && !partition.passOver()) {
          return Optional.of(refusals.sequenceReused(partition.number()));
        }
        if (partition != null && partition.hasMore()) {
          sending.add(partition);
          shares.add(share(partition, deadlineNanos));
        }
      }
      if (sending.isEmpty()) {
        return Optional.empty();
      }
      Optional<Refusal> noRoom = ProducerCheck.noRoom(target.cluster(), target.topic(), shares);
      if (noRoom.isPresent()) {
        return noRoom;
      }
      List<AppendOutcome> outcomes =
          new Delivery(target.cluster(), target.topic(), shares, deadlineNanos).deliver();
      Optional<Refusal> refusal = settle(sending, outcomes);
      if (refusal.isPresent()) {
        return refusal;
      }
    }
  }

  private void divide(List<NumberedEvent> events) {
    Topic topic = target.topic();
    for (int i = 0; i < events.size(); i++) {
      NumberedEvent event = events.get(i);
      int number = partitioner.partition(topic, event.event(), request.producer(), event.line());
      StreamedPartition partition = partitions[number];
      if (partition == null) {
        partition = new StreamedPartition(number);
        partitions[number] = partition;
      }
      partition.add(event);
    }
  }

  private Share share(StreamedPartition partition, long deadlineNanos) {
    Topic topic = target.topic();
    long nowMs = clock.millis();
    Condition condition =
        request.producer().isEmpty()
            ? new Condition.None()
            : new Condition.Claimed(claim(request.producer().get(), partition, nowMs));
    return new Share(
        topic.id(),
        partition.number(),
        EventRules.compression(topic),
        partition.events(),
        nowMs,
        condition,
        deadlineNanos);
  }

  private static ProducerClaim claim(
      ProducerSequence producer, StreamedPartition partition, long nowMs) {
    return new ProducerClaim(
        ProducerKey.ofHttp(producer.producerId()),
        producer.sequence(),
        partition.mark(),
        partition.markBehindAll(),
        nowMs);
  }

  /** Notes what became of each share; why one failed, a perhaps before a certainly not. */
  private Optional<Refusal> settle(List<StreamedPartition> sent, List<AppendOutcome> outcomes) {
    Refusal refusal = null;
    boolean perhaps = false;
    for (int k = 0; k < outcomes.size(); k++) {
      StreamedPartition partition = sent.get(k);
      AppendOutcome outcome = outcomes.get(k);
      boolean goesOn =
          switch (outcome) {
            case Appended(long baseOffset) -> {
              partition.appended(baseOffset);
              yield true;
            }
            case Known known -> partition.learn(known.progress());
            case null -> true; // not sent, as another one is refused
            default -> false;
          };
      if (!goesOn && !perhaps) {
        perhaps = outcome instanceof Unknown;
        refusal = refusal == null || perhaps ? refusals.of(outcome, partition.number()) : refusal;
      }
    }
    return Optional.ofNullable(refusal);
  }

  @Override
  public Optional<Refusal> finish() {
    for (StreamedPartition partition : partitions) {
      if (partition != null && !partition.isLevel()) {
        return Optional.of(refusals.sequenceReused(partition.number()));
      }
    }
    return Optional.empty();
  }

  @Override
  public Progress progress() {
    SortedMap<Integer, Extent> extents = new TreeMap<>();
    long count = 0;
    for (StreamedPartition partition : partitions) {
      if (partition != null && partition.extent().count() > 0) {
        extents.put(partition.number(), partition.extent());
        count += partition.extent().count();
      }
    }
    return new Progress(count, extents);
  }
}
