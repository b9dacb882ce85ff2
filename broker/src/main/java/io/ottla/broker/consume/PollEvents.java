package io.ottla.broker.consume;

import io.ottla.broker.Answer;
import io.ottla.broker.PartitionWaiters.PartitionId;
import io.ottla.broker.PartitionWaiters.Waiter;
import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.ServingCluster;
import io.ottla.broker.TopicDirectory;
import io.ottla.broker.consume.Consumers.Found;
import io.ottla.broker.consume.CoordinatorRunner.Granted;
import io.ottla.broker.store.PartitionReader;
import io.ottla.groups.Cursor;
import io.ottla.groups.GroupCoordinator;
import io.ottla.groups.GroupReply.Delivered;
import io.ottla.groups.GroupReply.MemberName;
import io.ottla.groups.GroupReply.PollPlan;
import io.ottla.groups.GroupRequest;
import io.ottla.groups.Subscription;
import io.ottla.groups.TopicPartition;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Gives a consumer its next events, and makes the consumer if need be. Waits, if asked to, until
 * there is one; the consumer's position moves with the answer, never before. Thread-safe.
 */
public final class PollEvents {
  /** How long a consumer may be silent, unless it says otherwise. */
  public static final Duration DEFAULT_SESSION_TIMEOUT = Duration.ofSeconds(45);

  /** How long a poll waits at most while some of its partitions have no leader to start at. */
  private static final Duration UNSTARTED_WAIT = Duration.ofMillis(250);

  private final TopicDirectory directory;
  private final Consumers consumers;
  private final GroupCoordinators coordinators;

  public PollEvents(TopicDirectory directory, GroupCoordinators coordinators) {
    this.directory = directory;
    this.consumers = new Consumers(directory);
    this.coordinators = coordinators;
  }

  /** Polls. */
  public Answer<PollResult> poll(PollRequest request) {
    Optional<Cursor> cursor = request.cursor().flatMap(Cursor::decode);
    if (request.cursor().isPresent() && cursor.isEmpty()) {
      return Answer.refused(badCursor());
    }
    Optional<Long> consumerId = request.consumerId();
    if (consumerId.isEmpty() && cursor.isPresent()) {
      consumerId = consumerOf(cursor.get());
      if (consumerId.isEmpty()) {
        return Answer.refused(badCursor());
      }
    }
    return consumerId.isPresent()
        ? consumers
            .find(consumerId.get())
            .then(found -> check(found, request))
            .then(found -> poll(found, request, cursor))
        : subscribe(request);
  }

  private static Optional<Long> consumerOf(Cursor cursor) {
    try {
      return Optional.of(Long.valueOf(cursor.memberId()));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static Refusal badCursor() {
    return Refusal.invalid("cursor", "the cursor is not one that an answer gave");
  }

  private static Answer<Found> check(Found found, PollRequest request) {
    String group = found.consumer().group();
    if (request.group().isPresent() && !request.group().get().equals(group)) {
      return Answer.refused(
          Refusal.invalid(
              "group", "consumer %s is in group %s".formatted(found.memberId(), group)));
    }
    if (request.cluster().isPresent() && !request.cluster().get().equals(found.cluster().name())) {
      return Answer.refused(
          Refusal.invalid(
              "cluster",
              "consumer %s reads from cluster %s"
                  .formatted(found.memberId(), found.cluster().name())));
    }
    return request.topic().isEmpty()
        ? Answer.ok(found)
        : Consumers.topic(found.cluster(), request.topic().get()).then(_ -> Answer.ok(found));
  }

  private Answer<PollResult> subscribe(PollRequest request) {
    if (request.topic().isEmpty()) {
      return Answer.refused(Refusal.invalid("topic", "topic is required without consumer_id"));
    }
    Optional<Refusal> refusal = ConsumerRegistration.groupRefusal(request.group());
    if (refusal.isPresent()) {
      return Answer.refused(refusal.get());
    }
    return directory
        .topic(request.cluster(), request.topic().get())
        .then(topic -> ConsumerRegistration.register(topic.cluster(), request.group()))
        .then(
            made -> {
              Answer<PollResult> answer = poll(made, request, Optional.empty());
              if (answer instanceof Answer.Refused<PollResult>) {
                ConsumerRegistration.forgetSoon(made);
              }
              return answer;
            });
  }

  private Answer<PollResult> poll(Found found, PollRequest request, Optional<Cursor> cursor) {
    CoordinatorRunner runner = coordinators.of(found.cluster(), found.consumer().group());
    GroupRequest.Poll poll = groupRequest(found, request, cursor);
    return runner
        .decide(s -> s.coordinator().poll(poll, s.topics(), s.topics(), s.nowMs()))
        .then(granted -> start(found.cluster(), runner, granted))
        .then(granted -> pull(found, runner, granted, request.limits()));
  }

  private static GroupRequest.Poll groupRequest(
      Found found, PollRequest request, Optional<Cursor> cursor) {
    Optional<Boolean> autoCommit = request.autoCommit().enabled();
    List<String> topics = request.topic().map(List::of).orElse(List.of());
    Optional<Subscription> ifNew =
        request
            .topic()
            .map(
                topic ->
                    new Subscription(
                        topics,
                        StartOffsets.toGroups(request.from()),
                        DEFAULT_SESSION_TIMEOUT.toMillis(),
                        autoCommit.orElse(true)));
    return new GroupRequest.Poll(
        found.consumer().group(),
        found.memberId(),
        topics,
        ifNew,
        autoCommit,
        request.autoCommit().interval().toMillis(),
        cursor,
        request.limits().maxWait().toMillis());
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
              offset.ifPresent(found -> offsets.put(partition, found));
            });
    if (offsets.isEmpty()) {
      return Answer.ok(granted);
    }
    return runner
        .decide(granted.seat(), s -> s.coordinator().started(plan, offsets, s.nowMs()))
        .then(started -> Answer.ok(new Granted<>(started, granted.seat())));
  }

  private static Answer<PollResult> pull(
      Found found,
      CoordinatorRunner runner,
      Granted<PollPlan> granted,
      FetchRequest.Limits limits) {
    PollPlan plan = granted.value();
    PartitionPull pull = new PartitionPull(found.cluster(), plan.positions(), limits);
    if (!pull.look() && !limits.maxWait().isZero()) {
      try {
        await(found, runner, granted, pull, maxWait(plan, limits));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Answer.refused(RefusalCode.NOT_READY, "the server is stopping");
      }
    }
    if (pull.onlyDamage().isPresent()) {
      return Answer.refused(pull.onlyDamage().get());
    }
    Answer<Delivered> delivered =
        runner.decide(
            granted.seat(), s -> s.coordinator().delivered(plan, pull.nextOffsets(), s.nowMs()));
    return delivered.then(
        answer -> Answer.ok(PollAnswers.result(found.consumer(), plan, pull, answer)));
  }

  /**
   * A partition whose start could not be looked up is not waited for: the next poll tries again.
   */
  private static Duration maxWait(PollPlan plan, FetchRequest.Limits limits) {
    boolean allStarted = plan.starts().isEmpty();
    return allStarted || limits.maxWait().compareTo(UNSTARTED_WAIT) < 0
        ? limits.maxWait()
        : UNSTARTED_WAIT;
  }

  /** Waits until there is an event, the time is over, or the poll should end for another reason. */
  private static void await(
      Found found,
      CoordinatorRunner runner,
      Granted<PollPlan> granted,
      PartitionPull pull,
      Duration maxWait)
      throws InterruptedException {
    PollPlan plan = granted.value();
    long startNanos = System.nanoTime();
    MemberName member = new MemberName(plan.group(), plan.memberId());
    List<PartitionId> partitions =
        plan.membership().assigned().keySet().stream()
            .map(p -> new PartitionId(p.topicId(), p.partition()))
            .toList();
    try (Waiter waiter = found.cluster().waiters().register(partitions)) {
      runner.polls().add(member, waiter);
      try {
        while (!pull.look() && isCurrent(runner, granted)) {
          long leftNanos = maxWait.toNanos() - (System.nanoTime() - startNanos);
          if (leftNanos <= 0) {
            return;
          }
          waiter.await(leftNanos);
        }
      } finally {
        runner.polls().remove(member, waiter);
      }
    }
  }

  private static boolean isCurrent(CoordinatorRunner runner, Granted<PollPlan> granted) {
    Optional<Boolean> current =
        runner.look(
            granted.seat(),
            (GroupCoordinator coordinator) -> coordinator.isCurrent(granted.value()));
    return current.orElse(false);
  }
}
