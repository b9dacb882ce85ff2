package io.ottla.broker.produce;

import io.ottla.broker.Answer;
import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.ServingCluster;
import io.ottla.broker.produce.AppendOutcome.Appended;
import io.ottla.broker.produce.AppendOutcome.NotAppended;
import io.ottla.broker.produce.AppendOutcome.Reason;
import io.ottla.broker.produce.AppendOutcome.Unknown;
import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.broker.produce.ProduceResult.EventResult;
import io.ottla.log.Compression;
import io.ottla.metadata.Topic;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;

/**
 * The way of one request's shares to their data groups, until each is settled or the time is over.
 * What is certainly not appended for want of a leader is tried again. Used once, by the request's
 * thread.
 */
final class Delivery {
  private static final long FIRST_PAUSE_NANOS = 2_000_000;
  private static final long LONGEST_PAUSE_NANOS = 50_000_000;
  private static final int RETRY_AFTER_SECONDS = 1;

  private final ServingCluster cluster;
  private final Topic topic;
  private final Shares shares;
  private final long timestampMs;
  private final long deadlineNanos;

  /** Element k is about {@code shares.partitions()[k]}. */
  private final PendingAppend[] pending;

  /** Likewise; null while it is on its way. */
  private final AppendOutcome[] outcomes;

  private final NotAppended[] refusedBefore;

  /**
   * @param timestampMs of events without a time of their own
   */
  Delivery(
      ServingCluster cluster, Topic topic, Shares shares, long timestampMs, long deadlineNanos) {
    this.cluster = cluster;
    this.topic = topic;
    this.shares = shares;
    this.timestampMs = timestampMs;
    this.deadlineNanos = deadlineNanos;
    this.pending = new PendingAppend[shares.partitions().length];
    this.outcomes = new AppendOutcome[shares.partitions().length];
    this.refusedBefore = new NotAppended[shares.partitions().length];
  }

  Answer<ProduceResult> deliver() {
    for (int k = 0; k < pending.length; k++) {
      pending[k] = accumulator(k).prepare(share(k));
      if (pending[k].isSettled()) {
        return Answer.refused(refusal(pending[k].await(), k));
      }
    }
    long pauseNanos = FIRST_PAUSE_NANOS;
    while (sendAndAwait()) {
      LockSupport.parkNanos(Math.min(pauseNanos, deadlineNanos - System.nanoTime()));
      pauseNanos = Math.min(2 * pauseNanos, LONGEST_PAUSE_NANOS);
    }
    return answer();
  }

  private Accumulator accumulator(int k) {
    int number = topic.groupOfPartition().get(shares.partitions()[k]);
    return cluster.dataGroup(number).accumulator();
  }

  private Share share(int k) {
    return new Share(
        topic.id(),
        shares.partitions()[k],
        compression(topic.config().compression()),
        shares.eventsOf().get(k),
        timestampMs,
        OptionalLong.empty(),
        deadlineNanos);
  }

  private static Compression compression(String name) {
    return switch (name) {
      case "none" -> Compression.NONE;
      case "gzip" -> Compression.GZIP;
      case "snappy" -> Compression.SNAPPY;
      case "lz4" -> Compression.LZ4;
      case "zstd" -> Compression.ZSTD;
      default -> throw new IllegalStateException("not a compression: " + name);
    };
  }

  /** Why it was refused before says more than that its time then ended in the queue. */
  private AppendOutcome timelessOutcome(int k, AppendOutcome outcome) {
    if (outcome instanceof NotAppended refused) {
      if (refused.reason() == Reason.TIMED_OUT && refusedBefore[k] != null) {
        return refusedBefore[k];
      }
      refusedBefore[k] = refused;
    }
    return outcome;
  }

  /** Queues what is to be sent, each data group's shares at once: they go in the same round. */
  private void send() {
    if (pending.length == 1) {
      outcomes[0] = null;
      accumulator(0).enqueue(List.of(pending[0]));
      return;
    }
    Map<Accumulator, List<PendingAppend>> byGroup = new HashMap<>();
    for (int k = 0; k < pending.length; k++) {
      if (isToSend(outcomes[k])) {
        outcomes[k] = null;
        byGroup.computeIfAbsent(accumulator(k), _ -> new ArrayList<>()).add(pending[k]);
      }
    }
    byGroup.forEach(Accumulator::enqueue);
  }

  /** Sends what is to be sent, all at once, then waits for it; true if some must be sent again. */
  private boolean sendAndAwait() {
    send();
    boolean again = false;
    for (int k = 0; k < pending.length; k++) {
      if (outcomes[k] == null) {
        outcomes[k] = timelessOutcome(k, pending[k].await());
        again |= isToSend(outcomes[k]);
      }
    }
    return again && System.nanoTime() < deadlineNanos && !Thread.currentThread().isInterrupted();
  }

  private boolean isToSend(AppendOutcome outcome) {
    return switch (outcome) {
      case null -> true;
      case Appended appended -> false;
      case Unknown unknown -> false;
      case NotAppended notAppended ->
          switch (notAppended.reason()) {
            case NO_LEADER, TERM_CHANGED -> true;
            case NO_SUCH_PARTITION -> cluster.view().topic(topic.id()).isPresent();
            case OVERLOADED, TOO_LARGE, INVALID_BATCH, TIMED_OUT, CLOSED -> false;
          };
    };
  }

  private Answer<ProduceResult> answer() {
    boolean someAppended = false;
    int failed = -1;
    for (int k = 0; k < outcomes.length; k++) {
      if (outcomes[k] instanceof Appended) {
        someAppended = true;
      } else if (failed < 0 || outcomes[k] instanceof Unknown) {
        failed = k;
      }
    }
    if (!someAppended) {
      return Answer.refused(refusal(outcomes[failed], failed));
    }
    return Answer.ok(new ProduceResult(topic.name(), eventResults()));
  }

  private List<EventResult> eventResults() {
    long[] nextOffset = new long[topic.partitions()];
    EventResult[] failure = new EventResult[topic.partitions()];
    for (int k = 0; k < outcomes.length; k++) {
      int partition = shares.partitions()[k];
      if (outcomes[k] instanceof Appended(long baseOffset)) {
        nextOffset[partition] = baseOffset;
      } else {
        failure[partition] = new EventResult.Failed(refusal(outcomes[k], k));
      }
    }
    List<Event> events = shares.events();
    List<EventResult> results = new ArrayList<>(events.size());
    for (int i = 0; i < events.size(); i++) {
      int partition = shares.partitionOf()[i];
      results.add(
          failure[partition] != null
              ? failure[partition]
              : new EventResult.Committed(
                  partition, nextOffset[partition]++, timestampMs(events.get(i))));
    }
    return results;
  }

  private long timestampMs(Event event) {
    return event.timestampMs() == Event.NO_TIMESTAMP ? timestampMs : event.timestampMs();
  }

  private Refusal refusal(AppendOutcome outcome, int k) {
    String where = "partition " + shares.partitions()[k] + " of topic " + topic.name() + ": ";
    return switch (outcome) {
      case Appended appended -> throw new IllegalStateException("an appended share has no refusal");
      case Unknown(String detail) ->
          retriable(RefusalCode.NOT_COMMITTED, where + detail).perhapsAppended();
      case NotAppended notAppended -> notAppended(notAppended, where).notAppended();
    };
  }

  private Refusal notAppended(NotAppended outcome, String where) {
    String detail = where + outcome.detail();
    return switch (outcome.reason()) {
      case NO_LEADER, TERM_CHANGED -> retriable(RefusalCode.NO_LEADER, detail);
      case OVERLOADED -> retriable(RefusalCode.OVERLOADED, detail);
      case TIMED_OUT -> retriable(RefusalCode.NOT_COMMITTED, detail);
      case CLOSED -> retriable(RefusalCode.NOT_READY, detail);
      case TOO_LARGE -> Refusal.of(RefusalCode.BATCH_TOO_LARGE, detail);
      case INVALID_BATCH -> Refusal.of(RefusalCode.INVALID_REQUEST, detail);
      case NO_SUCH_PARTITION ->
          cluster.view().topic(topic.id()).isPresent()
              ? retriable(RefusalCode.NOT_READY, where + "it is not ready yet")
              : Refusal.of(RefusalCode.TOPIC_NOT_FOUND, "topic " + topic.name() + " is deleted");
    };
  }

  private static Refusal retriable(RefusalCode code, String detail) {
    return Refusal.of(code, detail).with("retry_after_seconds", RETRY_AFTER_SECONDS);
  }
}
