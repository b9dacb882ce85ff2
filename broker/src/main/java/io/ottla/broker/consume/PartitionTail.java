package io.ottla.broker.consume;

import io.ottla.broker.Answer;
import io.ottla.broker.DataGroup;
import io.ottla.broker.PartitionWaiters.PartitionId;
import io.ottla.broker.PartitionWaiters.Waiter;
import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.ServingCluster;
import io.ottla.broker.TopicDirectory.TopicRef;
import io.ottla.broker.read.BatchRead;
import io.ottla.broker.read.BatchReader;
import io.ottla.broker.read.RecordCollector;
import io.ottla.broker.read.RecordCollector.Taken;
import io.ottla.broker.store.PartitionReader;
import io.ottla.log.CorruptBatchException;
import io.ottla.metadata.Topic;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads on in one partition, without a consumer. The leader answers, so that a read begun after an
 * append was answered sees it; without a leader the surest replica does, and says so. One owner at
 * a time; any thread may {@link #end} it.
 */
final class PartitionTail implements AutoCloseable {
  /** How often a read that waits for a leader looks again even if nobody wakes it. */
  private static final long LOOK_AGAIN_NANOS = Duration.ofMillis(100).toNanos();

  /** How long a replica that cannot answer now is asked again. */
  private static final long PATIENCE_NANOS = Duration.ofSeconds(2).toNanos();

  private final ServingCluster cluster;
  private final Topic topic;
  private final FetchRequest request;
  private final BatchReader batches;
  private final DataGroup dataGroup;
  private final Waiter waiter;

  /** Where the next read begins; empty until a replica has said where the start is. */
  private OptionalLong nextOffset;

  private volatile boolean ended;

  private PartitionTail(TopicRef found, FetchRequest request, BatchReader batches) {
    this.cluster = found.cluster();
    this.topic = found.topic();
    this.request = request;
    this.batches = batches;
    this.dataGroup = cluster.dataGroup(topic.groupOfPartition().get(request.partition()));
    this.nextOffset = request.offset().map(OptionalLong::of).orElse(OptionalLong.empty());
    this.waiter =
        cluster.waiters().register(List.of(new PartitionId(topic.id(), request.partition())));
  }

  /** A tail that begins where the request says. */
  static Answer<PartitionTail> open(TopicRef found, FetchRequest request, BatchReader batches) {
    Optional<Refusal> refusal = Consumers.outOfRange(found.topic(), request.partition());
    return refusal.isPresent()
        ? Answer.refused(refusal.get())
        : Answer.ok(new PartitionTail(found, request, batches));
  }

  /** A reader and whether it is the leader's. */
  private record Source(PartitionReader reader, boolean isLeader) {}

  /**
   * Reads on: what is there, as soon as there is one record, at the latest after {@code maxWait} or
   * when it is ended.
   */
  Answer<FetchResult> next(Duration maxWait) throws InterruptedException {
    long startNanos = System.nanoTime();
    while (true) {
      Optional<Answer<FetchResult>> answer = look();
      long waitedNanos = System.nanoTime() - startNanos;
      long leftNanos = maxWait.toNanos() - waitedNanos;
      if (answer.isPresent()) {
        if (leftNanos <= 0 || ended || !isEmpty(answer.get())) {
          return answer.get();
        }
        if (!hasAdvanced(answer.get())) {
          waiter.await(leftNanos);
        }
      } else if (source().isEmpty() || waitedNanos >= PATIENCE_NANOS) {
        return unreadable();
      } else {
        waiter.await(LOOK_AGAIN_NANOS);
      }
    }
  }

  /** One read; empty when nobody can answer now. */
  private Optional<Answer<FetchResult>> look() {
    Optional<Source> source = source();
    if (nextOffset.isEmpty() && source.isPresent()) {
      StartFrom from = request.from().orElse(new StartFrom.Earliest());
      nextOffset = StartOffsets.find(source.get().reader(), topic.id(), request.partition(), from);
    }
    return source.isEmpty() || nextOffset.isEmpty()
        ? Optional.empty()
        : read(source.get(), nextOffset.getAsLong());
  }

  private Optional<Source> source() {
    return dataGroup
        .leaderReader()
        .map(reader -> new Source(reader, true))
        .or(() -> dataGroup.surestReader().map(reader -> new Source(reader, false)));
  }

  /** Empty when the reader cannot answer now. */
  private Optional<Answer<FetchResult>> read(Source source, long offset) {
    FetchRequest.Limits limits = request.limits();
    RecordCollector collector = new RecordCollector(limits.maxEvents(), limits.maxBytes());
    try {
      return switch (batches.read(
          source.reader(), topic.id(), request.partition(), offset, collector.wantedBytes())) {
        case BatchRead.Batches found -> {
          Taken taken = collector.take(found.batches(), offset);
          nextOffset = OptionalLong.of(taken.nextOffset());
          yield Optional.of(Answer.ok(result(taken, offset, found.endOffset(), source)));
        }
        case BatchRead.OutOfRange range ->
            Optional.of(
                offset < range.startOffset()
                    ? Answer.refused(gone(offset, range.startOffset()))
                    : Answer.ok(
                        result(new Taken(List.of(), offset), offset, range.endOffset(), source)));
        case BatchRead.NoSuchPartition() -> Optional.empty();
      };
    } catch (CorruptBatchException e) {
      return Optional.of(
          Answer.refused(RefusalCode.DAMAGED_RECORD, "damaged record: " + e.getMessage()));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private FetchResult result(Taken taken, long offset, long endOffset, Source source) {
    return new FetchResult(
        topic.name(),
        request.partition(),
        taken.runs(),
        offset,
        taken.nextOffset(),
        endOffset,
        source.isLeader());
  }

  private static boolean isEmpty(Answer<FetchResult> answer) {
    return switch (answer) {
      case Answer.Ok<FetchResult>(FetchResult result) -> result.runs().isEmpty();
      case Answer.Refused<FetchResult> _ -> false;
    };
  }

  /** Whether it passed over offsets without records: compaction leaves such. */
  private static boolean hasAdvanced(Answer<FetchResult> answer) {
    return answer instanceof Answer.Ok<FetchResult>(FetchResult result)
        && result.nextOffset() > result.startOffset();
  }

  private Refusal gone(long offset, long startOffset) {
    return Refusal.of(
            RefusalCode.OFFSET_OUT_OF_RANGE,
            "partition %d of topic %s starts at %d; %d is no longer there"
                .formatted(request.partition(), topic.name(), startOffset, offset))
        .with("start_offset", startOffset);
  }

  private Answer<FetchResult> unreadable() {
    boolean isDeleted = cluster.viewIsCurrent() && cluster.view().topic(topic.id()).isEmpty();
    return isDeleted
        ? Answer.refused(RefusalCode.TOPIC_NOT_FOUND, "topic " + topic.name() + " is deleted")
        : Answer.refused(
            GroupRefusals.noLeader(
                "partition " + request.partition() + " of topic " + topic.name()));
  }

  /** Waits a moment, or until something may have changed. */
  void pause() throws InterruptedException {
    waiter.await(LOOK_AGAIN_NANOS);
  }

  /** Waits no longer for the time to be over. */
  void end() {
    ended = true;
    waiter.wake();
  }

  @Override
  public void close() {
    waiter.close();
  }
}
