package io.ottla.groups;

import java.util.List;

/**
 * What a member asked for. Immutable.
 *
 * @param topics their names, sorted, each once
 * @param from where partitions without a commit start
 * @param sessionTimeoutMs how long it may be silent before others get its partitions
 * @param autoCommit whether a poll commits what earlier answers delivered
 */
public record Subscription(
    List<String> topics, StartFrom from, long sessionTimeoutMs, boolean autoCommit) {
  public Subscription {
    topics = topics.stream().distinct().sorted().toList();
  }

  /** The same wishes for other topics. */
  public Subscription to(List<String> otherTopics) {
    return new Subscription(otherTopics, from, sessionTimeoutMs, autoCommit);
  }
}
