package io.ottla.broker.produce;

import io.ottla.broker.Answer;
import io.ottla.broker.Refusal;
import io.ottla.broker.produce.AppendOutcome.Appended;
import io.ottla.broker.produce.AppendOutcome.Known;
import io.ottla.broker.produce.AppendOutcome.Unknown;
import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.broker.produce.ProduceResult.EventResult;
import io.ottla.broker.store.ProducerClaim;
import io.ottla.broker.store.SequenceProgress;
import io.ottla.metadata.Topic;
import java.util.ArrayList;
import java.util.List;

/**
 * What became of a request's shares, said of its events. A retry is answered as its first try was.
 * Used once.
 *
 * @param timestampMs of events without a time of their own
 */
record ProduceAnswer(
    Topic topic,
    Shares shares,
    List<Share> sent,
    List<AppendOutcome> outcomes,
    AppendRefusals refusals,
    long timestampMs) {

  Answer<ProduceResult> answer() {
    boolean someAppended = false;
    int failed = -1;
    for (int k = 0; k < outcomes.size(); k++) {
      AppendOutcome outcome = outcomes.get(k);
      if (isAppended(k)) {
        someAppended = true;
      } else if (outcome != null
          && (failed < 0 || outcome instanceof Unknown || isAppendedApart(k))) {
        failed = k;
      }
    }
    return someAppended
        ? Answer.ok(new ProduceResult(topic.name(), eventResults()))
        : Answer.refused(refusal(failed));
  }

  /** Whether the share is in its partition, by this request or by an earlier try of it. */
  private boolean isAppended(int k) {
    return switch (outcomes.get(k)) {
      case Appended appended -> true;
      case Known(SequenceProgress progress) -> has(k, progress) && isWithoutGaps(progress);
      case null, default -> false;
    };
  }

  /**
   * Whether the share is in its partition, but was sent as a stream and has others' events between:
   * where each of its events is, nobody knows.
   */
  private boolean isAppendedApart(int k) {
    return outcomes.get(k) instanceof Known(SequenceProgress progress)
        && has(k, progress)
        && !isWithoutGaps(progress);
  }

  private boolean has(int k, SequenceProgress progress) {
    ProducerClaim claim = sent.get(k).claim().orElseThrow();
    return progress.mark().equals(claim.after());
  }

  private static boolean isWithoutGaps(SequenceProgress progress) {
    return progress.lastOffset() - progress.firstOffset() + 1 == progress.count();
  }

  private List<EventResult> eventResults() {
    long[] nextOffset = new long[topic.partitions()];
    long[] timestamp = new long[topic.partitions()];
    EventResult[] failure = new EventResult[topic.partitions()];
    for (int k = 0; k < outcomes.size(); k++) {
      int partition = shares.partitions()[k];
      timestamp[partition] = timestampMs;
      if (!isAppended(k)) {
        failure[partition] = new EventResult.Failed(partition, refusal(k));
      } else if (outcomes.get(k) instanceof Appended(long baseOffset)) {
        nextOffset[partition] = baseOffset;
      } else if (outcomes.get(k) instanceof Known(SequenceProgress progress)) {
        nextOffset[partition] = progress.firstOffset();
        timestamp[partition] = progress.timestampMs();
      }
    }
    List<Event> events = shares.events();
    List<EventResult> results = new ArrayList<>(events.size());
    for (int i = 0; i < events.size(); i++) {
      int partition = shares.partitionOf()[i];
      long own = events.get(i).timestampMs();
      results.add(
          failure[partition] != null
              ? failure[partition]
              : new EventResult.Committed(
                  partition,
                  nextOffset[partition]++,
                  own == Event.NO_TIMESTAMP ? timestamp[partition] : own));
    }
    return results;
  }

  private Refusal refusal(int k) {
    int partition = shares.partitions()[k];
    return isAppendedApart(k)
        ? refusals.appendedAsStream(partition)
        : refusals.of(outcomes.get(k), partition);
  }
}
