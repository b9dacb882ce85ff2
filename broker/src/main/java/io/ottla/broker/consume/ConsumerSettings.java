package io.ottla.broker.consume;

import io.ottla.groups.Subscription;
import java.util.List;

/**
 * What a consumer subscribes to and how. Immutable.
 *
 * @param topics their names
 * @param from where partitions of a group without a commit start
 * @param sessionTimeoutMs how long it may be silent before the others get its partitions
 * @param autoCommit whether a poll commits what earlier answers delivered
 */
public record ConsumerSettings(
    List<String> topics, StartFrom from, long sessionTimeoutMs, boolean autoCommit) {
  public ConsumerSettings {
    topics = List.copyOf(topics);
  }

  Subscription toGroups() {
    return new Subscription(topics, StartOffsets.toGroups(from), sessionTimeoutMs, autoCommit);
  }

  static ConsumerSettings ofGroups(Subscription subscription) {
    return new ConsumerSettings(
        subscription.topics(),
        StartOffsets.ofGroups(subscription.from()),
        subscription.sessionTimeoutMs(),
        subscription.autoCommit());
  }
}
