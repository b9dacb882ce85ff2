package io.ottla.broker.consume;

import io.ottla.broker.Answer;
import io.ottla.broker.Done;
import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.TopicDirectory;
import io.ottla.broker.consume.Consumers.Found;
import io.ottla.groups.GroupRequest;

/**
 * Takes a consumer out of its group and forgets it, in this order: whatever happens between, it can
 * be deleted again. Thread-safe.
 */
public final class DeleteConsumer {
  private final Consumers consumers;
  private final GroupCoordinators coordinators;

  public DeleteConsumer(TopicDirectory directory, GroupCoordinators coordinators) {
    this.consumers = new Consumers(directory);
    this.coordinators = coordinators;
  }

  /** Deletes it; its partitions are the others' by then, and its waiting poll ends. */
  public Answer<Done> delete(long consumerId) {
    return consumers
        .find(consumerId)
        .then(
            found ->
                leave(found)
                    .then(_ -> ConsumerRegistration.forget(found.cluster(), consumerId))
                    // A poll between the two made it a member again; now none can.
                    .then(_ -> leave(found)));
  }

  /** Leaves, unless it is no member: it never joined, or has left already. */
  private Answer<Done> leave(Found found) {
    String group = found.consumer().group();
    var leave = new GroupRequest.Leave(group, found.memberId());
    Answer<Done> left =
        coordinators
            .of(found.cluster(), group)
            .decide(s -> s.coordinator().leave(leave, s.topics()))
            .then(_ -> Answer.ok(Done.DONE));
    return left instanceof Answer.Refused<Done>(Refusal refusal)
            && refusal.code() == RefusalCode.NOT_ASSIGNED
        ? Answer.ok(Done.DONE)
        : left;
  }
}
