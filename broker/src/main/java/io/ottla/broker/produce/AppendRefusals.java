package io.ottla.broker.produce;

import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.ServingCluster;
import io.ottla.broker.produce.AppendOutcome.Appended;
import io.ottla.broker.produce.AppendOutcome.Known;
import io.ottla.broker.produce.AppendOutcome.NotAppended;
import io.ottla.broker.produce.AppendOutcome.Unknown;
import io.ottla.metadata.Topic;

/** What is said of a share of a topic that was not appended. Immutable. */
record AppendRefusals(ServingCluster cluster, Topic topic) {
  private static final int RETRY_AFTER_SECONDS = 1;

  /** The refusal says with {@code appended} whether the share may have been appended. */
  Refusal of(AppendOutcome outcome, int partition) {
    String where = "partition " + partition + " of topic " + topic.name() + ": ";
    return switch (outcome) {
      case Appended appended -> throw new IllegalStateException("an appended share has no refusal");
      case Known known -> sequenceReused(partition);
      case Unknown(String detail) ->
          retriable(RefusalCode.NOT_COMMITTED, where + detail).perhapsAppended();
      case NotAppended notAppended -> notAppended(notAppended, where);
    };
  }

  /** The partition has other events under the sequence. */
  Refusal sequenceReused(int partition) {
    return Refusal.of(
            RefusalCode.SEQUENCE_REUSED,
            "partition %d of topic %s has other events of this producer under this sequence"
                .formatted(partition, topic.name()))
        .notAppended();
  }

  /** The partition has these events under the sequence, with others' between them. */
  Refusal appendedAsStream(int partition) {
    return Refusal.of(
            RefusalCode.SEQUENCE_REUSED,
            ("partition %d of topic %s has these events already, sent as a stream and with others'"
                    + " between them; sent again as a stream they are answered")
                .formatted(partition, topic.name()))
        .perhapsAppended();
  }

  private Refusal notAppended(NotAppended outcome, String where) {
    String detail = where + outcome.detail();
    return switch (outcome.reason()) {
      case NO_LEADER, TERM_CHANGED -> retriable(RefusalCode.NO_LEADER, detail).notAppended();
      case OVERLOADED -> retriable(RefusalCode.OVERLOADED, detail).notAppended();
      case DISK_FULL -> retriable(RefusalCode.DISK_FULL, detail).notAppended();
      case TIMED_OUT, FAILED -> retriable(RefusalCode.NOT_COMMITTED, detail).notAppended();
      case CLOSED -> retriable(RefusalCode.NOT_READY, detail).notAppended();
      case TOO_LARGE -> Refusal.of(RefusalCode.BATCH_TOO_LARGE, detail).notAppended();
      case INVALID_BATCH -> Refusal.of(RefusalCode.INVALID_REQUEST, detail).notAppended();
      case SEQUENCE_TOO_OLD -> Refusal.of(RefusalCode.SEQUENCE_TOO_OLD, detail).perhapsAppended();
      case PRODUCER_EXPIRED -> Refusal.of(RefusalCode.PRODUCER_EXPIRED, detail).perhapsAppended();
      case NO_SUCH_PARTITION ->
          cluster.view().topic(topic.id()).isPresent()
              ? retriable(RefusalCode.NOT_READY, where + "it is not ready yet").notAppended()
              : Refusal.of(RefusalCode.TOPIC_NOT_FOUND, "topic " + topic.name() + " is deleted")
                  .notAppended();
    };
  }

  private static Refusal retriable(RefusalCode code, String detail) {
    return Refusal.of(code, detail).with("retry_after_seconds", RETRY_AFTER_SECONDS);
  }
}
