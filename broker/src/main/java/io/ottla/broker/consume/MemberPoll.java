package io.ottla.broker.consume;

import io.ottla.broker.Answer;
import io.ottla.broker.PartitionWaiters.PartitionId;
import io.ottla.broker.PartitionWaiters.Waiter;
import io.ottla.broker.ServingCluster;
import io.ottla.broker.consume.Consumers.Found;
import io.ottla.broker.consume.CoordinatorRunner.Granted;
import io.ottla.broker.read.BatchReader;
import io.ottla.broker.store.PartitionReader;
import io.ottla.groups.GroupCoordinator.PollStanding;
import io.ottla.groups.GroupReply.Delivered;
import io.ottla.groups.GroupReply.MemberName;
import io.ottla.groups.GroupReply.PollPlan;
import io.ottla.groups.GroupRequest;
import io.ottla.groups.Member;
import io.ottla.groups.Subscription;
import io.ottla.groups.TopicPartition;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A member's poll under way: the coordinator has said what it may read; it reads, waits if need be,
 * and tells what it gives, once or, for a stream, again and again. The member's position moves with
 * {@link #deliver}, never before. One owner at a time; any thread may {@link #wake} it.
 */
final class MemberPoll implements AutoCloseable {
  /** How long a poll waits at most while some of its partitions have no leader to start at. */
  private static final Duration UNSTARTED_WAIT = Duration.ofMillis(250);

  private final Found found;
  private final CoordinatorRunner runner;
  private final Granted<PollPlan> granted;
  private final BatchReader batches;
  private final FetchRequest.Limits limits;
  private PartitionPull pull;

  /** Registered by the first wait; null before. */
  private volatile Waiter waiter;

  private MemberPoll(
      Found found,
      CoordinatorRunner runner,
      Granted<PollPlan> granted,
      BatchReader batches,
      FetchRequest.Limits limits) {
    this.found = found;
    this.runner = runner;
    this.granted = granted;
    this.batches = batches;
    this.limits = limits;
    this.pull = new PartitionPull(found.cluster(), batches, granted.value().positions(), limits);
  }

  /** Begins a poll: the coordinator assigns, and partitions without a position get one. */
  static Answer<MemberPoll> begin(
      Found found,
      CoordinatorRunner runner,
      BatchReader batches,
      GroupRequest.Poll request,
      FetchRequest.Limits limits) {
    return runner
        .decide(s -> s.coordinator().poll(request, s.topics(), s.topics(), s.nowMs()))
        .then(
            granted -> {
              // The member's older poll, if it waits, finds itself superseded.
              runner.polls().wake(new MemberName(request.group(), request.memberId()));
              return start(found.cluster(), runner, granted);
            })
        .then(granted -> Answer.ok(new MemberPoll(found, runner, granted, batches, limits)));
  }

  /** Looks up where partitions without a position begin. */
  private static Answer<Granted<PollPlan>> start(
      ServingCluster cluster, CoordinatorRunner runner, Granted<PollPlan> granted) {
    PollPlan plan = granted.value();
    Map<TopicPartition, Long> offsets = new HashMap<>();
    plan.starts()
        .forEach(
            (partition, from) -> {
              Optional<PartitionReader> leader = ClusterTopics.leader(cluster, partition);
              OptionalLong offset =
                  leader.isEmpty()
                      ? OptionalLong.empty()
                      : StartOffsets.find(
                          leader.get(),
                          partition.topicId(),
                          partition.partition(),
                          StartOffsets.ofGroups(from));
              offset.ifPresent(known -> offsets.put(partition, known));
            });
    if (offsets.isEmpty()) {
      return Answer.ok(granted);
    }
    return runner
        .decide(granted.seat(), s -> s.coordinator().started(plan, offsets, s.nowMs()))
        .then(started -> Answer.ok(new Granted<>(started, granted.seat())));
  }

  /** Whether it has read something to answer, now or before. */
  boolean look() {
    return pull.look();
  }

  /** Whether it has read something to answer. */
  boolean hasFound() {
    return pull.hasFound();
  }

  /** What has become of it; at another coordinator the member has to poll again. */
  PollStanding standing() {
    return runner
        .look(granted.seat(), coordinator -> coordinator.standing(granted.value()))
        .orElse(PollStanding.REASSIGNED);
  }

  /** What the member subscribed to. */
  Optional<Subscription> subscription() {
    PollPlan plan = granted.value();
    return runner
        .look(
            granted.seat(),
            coordinator ->
                coordinator
                    .decided()
                    .group(plan.group())
                    .flatMap(group -> group.member(plan.memberId())))
        .flatMap(member -> member)
        .map(Member::subscription);
  }

  /** Whether the member is to let partitions go. */
  boolean revokes() {
    return !granted.value().membership().revoking().isEmpty();
  }

  /** Whether some of its partitions could not be looked up: the next poll tries again. */
  boolean hasUnstarted() {
    return !granted.value().starts().isEmpty();
  }

  /**
   * Waits until there is an event, the time is over, it is woken, or the poll should end for
   * another reason.
   */
  void await(Duration maxWait) throws InterruptedException {
    Duration longest = atMost(maxWait);
    long startNanos = System.nanoTime();
    register();
    while (!pull.look() && standing() == PollStanding.CURRENT) {
      long leftNanos = longest.toNanos() - (System.nanoTime() - startNanos);
      if (leftNanos <= 0) {
        return;
      }
      waiter.await(leftNanos);
    }
  }

  /** Waits until something may have changed, the time is over, or it is woken. */
  void awaitOnce(Duration maxWait) throws InterruptedException {
    waiter.await(atMost(maxWait).toNanos());
  }

  private Duration atMost(Duration maxWait) {
    return hasUnstarted() && maxWait.compareTo(UNSTARTED_WAIT) > 0 ? UNSTARTED_WAIT : maxWait;
  }

  /** From now on events, leaders and the coordinator wake it. */
  void register() {
    if (waiter == null) {
      List<PartitionId> partitions =
          granted.value().membership().assigned().keySet().stream()
              .map(p -> new PartitionId(p.topicId(), p.partition()))
              .toList();
      waiter = found.cluster().waiters().register(partitions);
      runner.polls().add(member(), waiter);
    }
  }

  private MemberName member() {
    return new MemberName(granted.value().group(), granted.value().memberId());
  }

  /** Ends its wait, or the next one. */
  void wake() {
    Waiter registered = waiter;
    if (registered != null) {
      registered.wake();
    }
  }

  /**
   * What was given.
   *
   * @param delivered where the member stands then
   * @param isFull whether there may be more at once
   */
  record Given(PollResult result, Delivered delivered, boolean isFull) {}

  /** Gives what was read, and moves the member's position behind it; reading may then go on. */
  Answer<Given> deliver() {
    if (pull.onlyDamage().isPresent()) {
      return Answer.refused(pull.onlyDamage().get());
    }
    PollPlan plan = granted.value();
    PartitionPull given = pull;
    Answer<Delivered> delivered =
        runner.decide(
            granted.seat(), s -> s.coordinator().delivered(plan, given.nextOffsets(), s.nowMs()));
    return delivered.then(
        answer -> {
          pull = new PartitionPull(found.cluster(), batches, given.nextOffsets(), limits);
          return Answer.ok(
              new Given(
                  PollAnswers.result(found.consumer(), plan, given, answer),
                  answer,
                  given.isFull()));
        });
  }

  @Override
  public void close() {
    Waiter registered = waiter;
    if (registered != null) {
      runner.polls().remove(member(), registered);
      registered.close();
    }
  }
}
