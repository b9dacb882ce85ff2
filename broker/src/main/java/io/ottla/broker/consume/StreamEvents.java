package io.ottla.broker.consume;

import io.ottla.broker.Answer;
import io.ottla.broker.TopicDirectory;
import io.ottla.broker.read.BatchReader;

/**
 * Opens streams of events: a consumer's, which is a member of its group, or a partition's without
 * one. Thread-safe; whoever opens a stream closes it.
 */
public final class StreamEvents {
  private final TopicDirectory directory;
  private final PollingConsumers consumers;
  private final GroupCoordinators coordinators;
  private final BatchReader batches;
  private final StreamPace pace = new StreamPace();

  public StreamEvents(
      TopicDirectory directory, GroupCoordinators coordinators, BatchReader batches) {
    this.directory = directory;
    this.consumers = new PollingConsumers(directory);
    this.coordinators = coordinators;
    this.batches = batches;
  }

  /** A consumer's stream; the limits are those of one part. */
  public Answer<EventStream> open(PollRequest request) {
    return consumers.with(
        request,
        polling -> {
          CoordinatorRunner runner =
              coordinators.of(polling.found().cluster(), polling.found().consumer().group());
          return ConsumerStream.open(polling, runner, batches, request.limits(), pace)
              .then(Answer::ok);
        });
  }

  /** A partition's stream; the limits are those of one part. */
  public Answer<EventStream> open(FetchRequest request) {
    return directory
        .topic(request.cluster(), request.topic())
        .then(found -> PartitionTail.open(found, request, batches))
        .then(tail -> Answer.ok(new PartitionStream(tail, pace)));
  }
}
