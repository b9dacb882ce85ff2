package io.ottla.broker.consume;

import java.time.Duration;
import java.util.Optional;

/**
 * A consumer's request for its next events.
 *
 * @param topic may be absent when {@code consumerId} is given: its subscription
 * @param consumerId absent: a consumer is made
 * @param group absent: the consumer is alone in {@code consumer-<id>}
 * @param from where a group without a commit starts
 * @param cursor goes on exactly after the answer that gave it
 * @param sessionTimeout how long a new consumer may be silent
 * @param autoCommit whether earlier answers are committed by later polls
 */
public record PollRequest(
    Optional<String> cluster,
    Optional<String> topic,
    Optional<Long> consumerId,
    Optional<String> group,
    StartFrom from,
    Optional<String> cursor,
    AutoCommit autoCommit,
    Duration sessionTimeout,
    FetchRequest.Limits limits) {

  /**
   * Whether and how often delivered events are committed by later polls.
   *
   * @param enabled absent: as the consumer was made; a new one commits
   * @param interval how long after one automatic commit the next may come
   */
  public record AutoCommit(Optional<Boolean> enabled, Duration interval) {}
}
