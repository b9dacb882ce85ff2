package io.ottla.groups;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the coordinator remembers of a member and no record says: when it was last heard of, its
 * newest poll, where it is. Starts anew at a new coordinator. One owner at a time: the coordinator.
 */
final class Session {
  private final Map<TopicPartition, Position> positions = new HashMap<>();
  private final Set<TopicPartition> toldToLetGo = new HashSet<>();

  /** Whether it began here: then what is not known here was not given. */
  private final boolean complete;

  private long quietSinceMs;
  private long lastAutoCommitMs;
  private long pollId;
  private boolean polledAgain;

  /** The newest that is a poll; what is newer moved the positions. */
  private long begunPollId;

  /** The sequence up to which must be applied before it stands as it is. */
  private long restsOn;

  Session(boolean complete, long nowMs) {
    this.complete = complete;
    this.quietSinceMs = nowMs;
    this.lastAutoCommitMs = nowMs;
  }

  /**
   * The next offset to give.
   *
   * @param epoch the ownership that it belongs to
   */
  record Position(int epoch, long nextOffset) {}

  /** What a decision may change, as it was at one time. Immutable. */
  record Snapshot(
      Map<TopicPartition, Position> positions,
      long lastAutoCommitMs,
      long pollId,
      boolean polledAgain,
      long begunPollId) {}

  boolean complete() {
    return complete;
  }

  /** It lives; a poll of its that may wait longer still does. */
  void touch(long nowMs) {
    quietSinceMs = Math.max(quietSinceMs, nowMs);
  }

  /** Its newest poll may wait until then, or has ended. */
  void waitsUntil(long timeMs) {
    quietSinceMs = timeMs;
  }

  boolean isOver(long nowMs, long timeoutMs) {
    return nowMs - quietSinceMs > timeoutMs;
  }

  void beginPoll(long poll) {
    polledAgain |= pollId != 0;
    pollId = poll;
    begunPollId = poll;
  }

  /** The positions are moved by another word than a poll's: the poll under way ends. */
  void supersedePoll(long number) {
    pollId = number;
  }

  /** Whether no newer poll has begun, though the positions may have been moved. */
  boolean isNewestBegun(long poll) {
    return begunPollId == poll;
  }

  /** Whether its member was made here and has polled once at most. */
  boolean isUnused() {
    return complete && !polledAgain;
  }

  boolean isNewest(long poll) {
    return pollId == poll;
  }

  boolean autoCommitIsDue(long nowMs, long intervalMs) {
    return nowMs - lastAutoCommitMs >= intervalMs;
  }

  void autoCommitted(long nowMs) {
    lastAutoCommitMs = nowMs;
  }

  /** The position under the member's present ownership, if there is one. */
  Optional<Position> position(Member member, TopicPartition partition) {
    Position position = positions.get(partition);
    return position != null && member.owns(partition, position.epoch())
        ? Optional.of(position)
        : Optional.empty();
  }

  Map<TopicPartition, Position> positions() {
    return positions;
  }

  void moveTo(TopicPartition partition, int epoch, long nextOffset) {
    positions.put(partition, new Position(epoch, nextOffset));
  }

  /** Forgets positions under ownerships that have ended. */
  void dropStale(Member member) {
    positions.entrySet().removeIf(entry -> !member.owns(entry.getKey(), entry.getValue().epoch()));
  }

  /** The same, but an ownership whose end is only decided has not ended. */
  void dropStale(Member decided, Member applied) {
    positions
        .entrySet()
        .removeIf(
            entry -> {
              int epoch = entry.getValue().epoch();
              return !decided.owns(entry.getKey(), epoch) && !applied.owns(entry.getKey(), epoch);
            });
  }

  long restsOn() {
    return restsOn;
  }

  /** A decision of that sequence has changed it. */
  void restOn(long sequence) {
    restsOn = sequence;
  }

  Snapshot snapshot() {
    return new Snapshot(Map.copyOf(positions), lastAutoCommitMs, pollId, polledAgain, begunPollId);
  }

  /** To what stands, after a decision was refused; when the member was heard of stays. */
  void goBack(Snapshot before) {
    positions.clear();
    positions.putAll(before.positions());
    lastAutoCommitMs = before.lastAutoCommitMs();
    pollId = before.pollId();
    polledAgain = before.polledAgain();
    begunPollId = before.begunPollId();
    restsOn = 0;
  }

  /** The partitions that the member's last answer told it to let go. */
  Set<TopicPartition> toldToLetGo() {
    return toldToLetGo;
  }
}
