package io.ottla.broker.consume;

import io.ottla.broker.Answer;
import io.ottla.broker.TopicDirectory;
import io.ottla.broker.consume.Consumers.Found;
import io.ottla.groups.GroupRequest;

/** Keeps a consumer's session alive while its work takes longer. Thread-safe. */
public final class HeartbeatConsumer {
  private final Consumers consumers;
  private final GroupCoordinators coordinators;

  public HeartbeatConsumer(TopicDirectory directory, GroupCoordinators coordinators) {
    this.consumers = new Consumers(directory);
    this.coordinators = coordinators;
  }

  /** Says that it lives; one whose session had ended is assigned anew. */
  public Answer<ConsumerMembership> beat(long consumerId) {
    return consumers.find(consumerId).then(this::beat);
  }

  private Answer<ConsumerMembership> beat(Found found) {
    String group = found.consumer().group();
    var heartbeat = new GroupRequest.Heartbeat(group, found.memberId());
    return coordinators
        .of(found.cluster(), group)
        .decide(s -> s.coordinator().heartbeat(heartbeat, s.topics(), s.nowMs()))
        .then(granted -> Answer.ok(ConsumerMembership.of(found, granted.value())));
  }
}
