package io.ottla.broker.consume;

import io.ottla.broker.consume.Consumers.Found;
import io.ottla.groups.GroupReply.Membership;
import io.ottla.metadata.Consumer;
import java.util.List;

/**
 * Where a consumer stands in its group. Immutable.
 *
 * @param assignment the partitions that it reads
 * @param revoking the partitions that are to move to another member
 */
public record ConsumerMembership(
    long consumerId,
    String group,
    int generation,
    List<PollResult.TopicPartition> assignment,
    List<PollResult.TopicPartition> revoking) {

  static ConsumerMembership of(Found found, Membership membership) {
    Consumer consumer = found.consumer();
    return new ConsumerMembership(
        consumer.id(),
        consumer.group(),
        membership.generation(),
        PollAnswers.names(membership.assigned()),
        PollAnswers.names(membership.revoking()));
  }
}
