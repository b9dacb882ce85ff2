package io.ottla.broker.consume;

import io.ottla.broker.Answer;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.TopicDirectory;
import io.ottla.broker.consume.PollingConsumers.Polling;
import io.ottla.broker.read.BatchReader;
import java.time.Duration;

/**
 * Gives a consumer its next events, and makes the consumer if need be. Waits, if asked to, until
 * there is one; the consumer's position moves with the answer, never before. Thread-safe.
 */
public final class PollEvents {
  /** How long a consumer may be silent, unless it says otherwise. */
  public static final Duration DEFAULT_SESSION_TIMEOUT = Duration.ofSeconds(45);

  private final PollingConsumers consumers;
  private final GroupCoordinators coordinators;
  private final BatchReader batches;

  public PollEvents(TopicDirectory directory, GroupCoordinators coordinators, BatchReader batches) {
    this.consumers = new PollingConsumers(directory);
    this.coordinators = coordinators;
    this.batches = batches;
  }

  /** Polls. */
  public Answer<PollResult> poll(PollRequest request) {
    return consumers.with(request, polling -> poll(polling, request.limits()));
  }

  private Answer<PollResult> poll(Polling polling, FetchRequest.Limits limits) {
    CoordinatorRunner runner =
        coordinators.of(polling.found().cluster(), polling.found().consumer().group());
    return MemberPoll.begin(polling.found(), runner, batches, polling.poll(), limits)
        .then(poll -> pull(poll, limits.maxWait()));
  }

  private static Answer<PollResult> pull(MemberPoll begun, Duration maxWait) {
    try (MemberPoll poll = begun) {
      if (!poll.look() && !maxWait.isZero()) {
        poll.await(maxWait);
      }
      return poll.deliver().then(given -> Answer.ok(given.result()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Answer.refused(RefusalCode.NOT_READY, "the server is stopping");
    }
  }
}
