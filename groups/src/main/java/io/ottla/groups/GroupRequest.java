package io.ottla.groups;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** What members and operators ask of a group's coordinator. Immutable. */
public sealed interface GroupRequest {
  String group();

  /** Becomes a member, or changes what it subscribes to. */
  record Join(String group, String memberId, Subscription subscription) implements GroupRequest {}

  /**
   * Begins a poll.
   *
   * @param topics what it wants to read: a member that did not subscribe to all of them subscribes
   *     to exactly them; empty for what it subscribed to
   * @param ifNew the subscription if it is no member yet; empty: then it is refused
   * @param autoCommit overrides the subscription's
   * @param autoCommitIntervalMs how long after one automatic commit the next may come
   * @param cursor go on after that answer
   * @param waitMs how long it may wait: its session does not end meanwhile
   */
  record Poll(
      String group,
      String memberId,
      List<String> topics,
      Optional<Subscription> ifNew,
      Optional<Boolean> autoCommit,
      long autoCommitIntervalMs,
      Optional<Cursor> cursor,
      long waitMs)
      implements GroupRequest {}

  /** Says that it lives. */
  record Heartbeat(String group, String memberId) implements GroupRequest {}

  /** Leaves at once; what it was given since its last commit goes to others again. */
  record Leave(String group, String memberId) implements GroupRequest {}

  /** Commits what it was given so far; never lowers a commit. */
  record CommitPosition(String group, String memberId) implements GroupRequest {}

  /** Commits up to the answer that gave the cursor; never lowers a commit. */
  record CommitCursor(String group, String memberId, Cursor cursor) implements GroupRequest {}

  /** Commits exactly this; may lower a commit. */
  record CommitOffsets(String group, String memberId, SortedMap<TopicPartition, Target> offsets)
      implements GroupRequest {}

  /** Moves its positions; commits stay. */
  record Seek(String group, String memberId, SortedMap<TopicPartition, Long> offsets)
      implements GroupRequest {}

  /** Sets the commits of a group without active members. */
  record Reset(String group, SortedMap<TopicPartition, Target> offsets) implements GroupRequest {}

  /** Forgets a group without active members. */
  record Delete(String group) implements GroupRequest {}

  /**
   * An offset to commit.
   *
   * @param topic the topic's name
   * @param offset the next one to read, from 0
   * @param metadata the caller's own words, empty if none
   */
  record Target(String topic, long offset, String metadata) {}
}
