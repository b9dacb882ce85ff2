package io.ottla.broker.consume;

import io.ottla.broker.Answer;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.TopicDirectory;
import io.ottla.broker.read.BatchReader;
import java.time.Duration;

/** Reads a partition without a consumer: no state, any number of times. Thread-safe. */
public final class FetchEvents {
  private final TopicDirectory directory;
  private final BatchReader batches;

  public FetchEvents(TopicDirectory directory, BatchReader batches) {
    this.directory = directory;
    this.batches = batches;
  }

  /** Reads; with {@code maxWait} it answers as soon as there is one event. */
  public Answer<FetchResult> fetch(FetchRequest request) {
    return directory
        .topic(request.cluster(), request.topic())
        .then(found -> PartitionTail.open(found, request, batches))
        .then(tail -> readOnce(tail, request.limits().maxWait()));
  }

  private static Answer<FetchResult> readOnce(PartitionTail opened, Duration maxWait) {
    try (PartitionTail tail = opened) {
      return tail.next(maxWait);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Answer.refused(RefusalCode.NOT_READY, "the server is stopping");
    }
  }
}
