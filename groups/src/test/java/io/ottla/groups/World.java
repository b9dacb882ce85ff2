package io.ottla.groups;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.groups.Topics.TopicLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;

/** What surrounds a coordinator: topics, logs, a clock, and the log that applies its records. */
final class World implements Topics, LogBounds {
  private final Map<String, TopicLayout> topics = new TreeMap<>();
  private final Map<TopicPartition, Bounds> bounds = new HashMap<>();
  private final List<Pending> pending = new ArrayList<>();
  private long version = 1;
  private boolean certain = true;

  GroupTable table = new GroupTable();
  GroupCoordinator coordinator = new GroupCoordinator(table);
  long nowMs = 1_000_000;

  /** How much all records that were applied take, keys and values. */
  long recordBytes;

  /** A decision's records, which are committed together or not at all. */
  private record Pending(List<GroupRecord> records, long sequence) {}

  World topic(String name, int partitions) {
    UUID id =
        topics.containsKey(name)
            ? topics.get(name).id()
            : new UUID(version, name.hashCode()); // another id when made again
    topics.put(name, new TopicLayout(id, name, partitions));
    version++;
    return this;
  }

  void deleteTopic(String name) {
    topics.remove(name);
    version++;
  }

  void lag(boolean lags) {
    certain = !lags;
    version++;
  }

  TopicPartition partition(String topic, int partition) {
    return new TopicPartition(topics.get(topic).id(), partition);
  }

  void log(TopicPartition partition, long start, long end) {
    bounds.put(partition, new Bounds(start, end));
  }

  Map<String, TopicLayout> layouts() {
    return topics;
  }

  @Override
  public Optional<TopicLayout> named(String name) {
    return Optional.ofNullable(topics.get(name));
  }

  @Override
  public Optional<TopicLayout> withId(UUID id) {
    return topics.values().stream().filter(t -> t.id().equals(id)).findFirst();
  }

  @Override
  public long version() {
    return version;
  }

  @Override
  public boolean certain() {
    return certain;
  }

  @Override
  public Optional<Bounds> of(TopicPartition partition) {
    return Optional.of(bounds.getOrDefault(partition, new Bounds(0, 1_000)));
  }

  /** Notes a decision's records, to be applied or refused. */
  <T> Decision<T> decided(Decision<T> decision) {
    if (!decision.records().isEmpty()) {
      pending.add(new Pending(decision.records(), decision.sequence()));
    }
    if (decision.outcome() instanceof Decision.Denied) {
      assertThat(decision.records()).isEmpty();
    }
    return decision;
  }

  /** How many decisions are neither applied nor refused. */
  int pending() {
    return pending.size();
  }

  /** All is committed: apply what was decided, as bytes. */
  void apply() {
    apply(pending.size());
  }

  /**
   * So many decisions are committed, the oldest first.
   *
   * @return up to which sequence
   */
  long apply(int decisions) {
    List<Pending> committed = pending.subList(0, decisions);
    long upTo = committed.isEmpty() ? 0 : committed.getLast().sequence();
    store(committed.stream().flatMap(one -> one.records().stream()).toList());
    committed.clear();
    coordinator.appliedUpTo(upTo);
    return upTo;
  }

  /** A decision of many records is split: its first ones are committed, in a round of their own. */
  void applyPartly(Random random) {
    if (!pending.isEmpty()) {
      List<GroupRecord> records = pending.getFirst().records();
      store(records.subList(0, random.nextInt(records.size())));
    }
  }

  private void store(List<GroupRecord> records) {
    List<GroupTable.KeyValue> stored = new ArrayList<>();
    for (GroupRecord record : records) {
      ByteBuffer key = GroupRecordJson.key(record);
      ByteBuffer value = GroupRecordJson.value(record).orElse(null);
      recordBytes += key.remaining() + (value == null ? 0 : value.remaining());
      stored.add(new GroupTable.KeyValue(key, value));
    }
    try {
      table.apply(stored);
    } catch (GroupRecordException e) {
      throw new AssertionError(e);
    }
  }

  /** What is left is refused: the same coordinator goes on. */
  void refuse() {
    pending.clear();
    coordinator.refused();
  }

  /** Another broker leads: what was in flight is gone, and with it all memory. */
  void failOver() {
    pending.clear();
    coordinator = new GroupCoordinator(table);
  }

  <T> T granted(Decision<T> decision) {
    decided(decision);
    apply();
    assertThat(decision.outcome()).isInstanceOf(Decision.Granted.class);
    return ((Decision.Granted<T>) decision.outcome()).value();
  }

  <T> GroupRefusal denied(Decision<T> decision) {
    decided(decision);
    assertThat(decision.outcome()).isInstanceOf(Decision.Denied.class);
    return ((Decision.Denied<T>) decision.outcome()).refusal();
  }

  static Subscription to(String... topics) {
    return new Subscription(List.of(topics), StartFrom.EARLIEST, 45_000, true);
  }

  static GroupRequest.Poll polling(String group, String member, String... topics) {
    return new GroupRequest.Poll(
        group,
        member,
        List.of(topics),
        topics.length == 0 ? Optional.empty() : Optional.of(to(topics)),
        Optional.empty(),
        1_000,
        Optional.empty(),
        0);
  }

  static GroupRequest.Poll with(GroupRequest.Poll poll, Cursor cursor) {
    return new GroupRequest.Poll(
        poll.group(),
        poll.memberId(),
        poll.topics(),
        poll.ifNew(),
        poll.autoCommit(),
        poll.autoCommitIntervalMs(),
        Optional.of(cursor),
        poll.waitMs());
  }

  static GroupRequest.Poll manual(GroupRequest.Poll poll) {
    return new GroupRequest.Poll(
        poll.group(),
        poll.memberId(),
        poll.topics(),
        poll.ifNew(),
        Optional.of(false),
        poll.autoCommitIntervalMs(),
        poll.cursor(),
        poll.waitMs());
  }

  GroupReply.PollPlan plan(GroupRequest.Poll poll) {
    return granted(coordinator.poll(poll, this, this, nowMs));
  }

  /** A whole poll that is given {@code events} of each partition that it may read. */
  GroupReply.Delivered poll(GroupRequest.Poll poll, int events) {
    return deliver(plan(poll), events);
  }

  GroupReply.Delivered deliver(GroupReply.PollPlan begun, int events) {
    GroupReply.PollPlan plan = begun;
    if (!plan.starts().isEmpty()) {
      Map<TopicPartition, Long> starts = new HashMap<>();
      plan.starts().forEach((p, from) -> starts.put(p, startOffset(p, from)));
      plan = granted(coordinator.started(plan, starts, nowMs));
    }
    Map<TopicPartition, Long> next = new HashMap<>();
    plan.positions().forEach((p, offset) -> next.put(p, offset + events));
    return granted(coordinator.delivered(plan, next, nowMs));
  }

  private long startOffset(TopicPartition partition, StartFrom from) {
    Bounds known = of(partition).orElseThrow();
    return switch (from) {
      case StartFrom.Earliest _ -> known.startOffset();
      case StartFrom.Latest _ -> known.endOffset();
      case StartFrom.At at -> at.timestampMs();
    };
  }

  long committed(String group, TopicPartition partition) {
    return table
        .group(group)
        .flatMap(g -> g.offset(partition))
        .map(CommittedOffset::offset)
        .orElse(-1L);
  }

  OptionalLong position(String group, TopicPartition partition) {
    Long position = coordinator.positions(group).get(partition);
    return position == null ? OptionalLong.empty() : OptionalLong.of(position);
  }
}
