package io.ottla.broker.consume;

import io.ottla.broker.Answer;
import io.ottla.broker.DataGroup;
import io.ottla.broker.PartitionWaiters.PartitionId;
import io.ottla.broker.PartitionWaiters.Waiter;
import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.ServingCluster;
import io.ottla.broker.TopicDirectory;
import io.ottla.broker.TopicDirectory.TopicRef;
import io.ottla.broker.consume.RecordCollector.Taken;
import io.ottla.broker.store.PartitionRead;
import io.ottla.broker.store.PartitionReader;
import io.ottla.log.CorruptBatchException;
import io.ottla.metadata.Topic;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads a partition without a consumer: no state, any number of times. The leader answers, so that
 * a read begun after an append was answered sees it; without a leader the surest replica does, and
 * says so. Thread-safe.
 */
public final class FetchEvents {
  /** How often a read that waits for a leader looks again even if nobody wakes it. */
  private static final long LOOK_AGAIN_NANOS = Duration.ofMillis(100).toNanos();

  /** How long a replica that cannot answer now is asked again. */
  private static final long PATIENCE_NANOS = Duration.ofSeconds(2).toNanos();

  private final TopicDirectory directory;

  public FetchEvents(TopicDirectory directory) {
    this.directory = directory;
  }

  /** A reader and whether it is the leader's. */
  private record Source(PartitionReader reader, boolean isLeader) {}

  /** Reads; with {@code maxWait} it answers as soon as there is one event. */
  public Answer<FetchResult> fetch(FetchRequest request) {
    return directory
        .topic(request.cluster(), request.topic())
        .then(
            found -> {
              Optional<Refusal> refusal = Consumers.outOfRange(found.topic(), request.partition());
              return refusal.isPresent() ? Answer.refused(refusal.get()) : fetch(found, request);
            });
  }

  private static Answer<FetchResult> fetch(TopicRef found, FetchRequest request) {
    ServingCluster cluster = found.cluster();
    Topic topic = found.topic();
    DataGroup dataGroup = cluster.dataGroup(topic.groupOfPartition().get(request.partition()));
    long startNanos = System.nanoTime();
    long waitNanos = request.limits().maxWait().toNanos();
    OptionalLong offset = request.offset().map(OptionalLong::of).orElse(OptionalLong.empty());
    PartitionId id = new PartitionId(topic.id(), request.partition());
    try (Waiter waiter = cluster.waiters().register(List.of(id))) {
      while (true) {
        Optional<Source> source = source(dataGroup);
        if (offset.isEmpty() && source.isPresent()) {
          StartFrom from = request.from().orElse(new StartFrom.Earliest());
          offset = StartOffsets.find(source.get().reader(), topic.id(), request.partition(), from);
        }
        Optional<Answer<FetchResult>> answer =
            source.isEmpty() || offset.isEmpty()
                ? Optional.empty()
                : read(topic, request, source.get(), offset.getAsLong());
        long waitedNanos = System.nanoTime() - startNanos;
        if (answer.isPresent() && (!isEmpty(answer.get()) || waitedNanos >= waitNanos)) {
          return answer.get();
        }
        if (answer.isEmpty() && (source.isEmpty() || waitedNanos >= PATIENCE_NANOS)) {
          return unreadable(cluster, topic, request);
        }
        long untilNanos = answer.isPresent() ? waitNanos - waitedNanos : LOOK_AGAIN_NANOS;
        waiter.await(untilNanos);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Answer.refused(RefusalCode.NOT_READY, "the server is stopping");
    }
  }

  private static Optional<Source> source(DataGroup dataGroup) {
    return dataGroup
        .leaderReader()
        .map(reader -> new Source(reader, true))
        .or(() -> dataGroup.surestReader().map(reader -> new Source(reader, false)));
  }

  /** Empty when the reader cannot answer now. */
  private static Optional<Answer<FetchResult>> read(
      Topic topic, FetchRequest request, Source source, long offset) {
    int partition = request.partition();
    RecordCollector collector = new RecordCollector(request.limits());
    try {
      return switch (source.reader().read(topic.id(), partition, offset, collector.wantedBytes())) {
        case PartitionRead.Batches batches -> {
          Taken taken = collector.take(batches.bytes(), offset);
          yield Optional.of(
              Answer.ok(
                  new FetchResult(
                      topic.name(),
                      partition,
                      taken.records(),
                      taken.nextOffset(),
                      batches.endOffset(),
                      source.isLeader())));
        }
        case PartitionRead.OutOfRange range -> {
          boolean isBelow = offset < range.startOffset();
          yield Optional.of(
              isBelow
                  ? Answer.refused(gone(topic, partition, offset, range.startOffset()))
                  : Answer.ok(
                      new FetchResult(
                          topic.name(),
                          partition,
                          List.of(),
                          offset,
                          range.endOffset(),
                          source.isLeader())));
        }
        case PartitionRead.NoSuchPartition() -> Optional.empty();
      };
    } catch (CorruptBatchException e) {
      return Optional.of(
          Answer.refused(RefusalCode.DAMAGED_RECORD, "damaged record: " + e.getMessage()));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static boolean isEmpty(Answer<FetchResult> answer) {
    return switch (answer) {
      case Answer.Ok<FetchResult>(FetchResult result) -> result.records().isEmpty();
      case Answer.Refused<FetchResult> _ -> false;
    };
  }

  private static Refusal gone(Topic topic, int partition, long offset, long startOffset) {
    return Refusal.of(
            RefusalCode.OFFSET_OUT_OF_RANGE,
            "partition %d of topic %s starts at %d; %d is no longer there"
                .formatted(partition, topic.name(), startOffset, offset))
        .with("start_offset", startOffset);
  }

  private static Answer<FetchResult> unreadable(
      ServingCluster cluster, Topic topic, FetchRequest request) {
    boolean isDeleted = cluster.viewIsCurrent() && cluster.view().topic(topic.id()).isEmpty();
    return isDeleted
        ? Answer.refused(RefusalCode.TOPIC_NOT_FOUND, "topic " + topic.name() + " is deleted")
        : Answer.refused(
            GroupRefusals.noLeader(
                "partition " + request.partition() + " of topic " + topic.name()));
  }
}
