package io.ottla.broker.consume;

import io.ottla.broker.Answer;
import io.ottla.broker.DataGroup;
import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.ServingCluster;
import io.ottla.broker.produce.AppendOutcome;
import io.ottla.broker.produce.ControlOutcome;
import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.broker.produce.Share;
import io.ottla.broker.store.PartitionStore;
import io.ottla.broker.time.GuardedClock;
import io.ottla.groups.Decision;
import io.ottla.groups.Group;
import io.ottla.groups.GroupCoordinator;
import io.ottla.groups.GroupRefusal;
import io.ottla.groups.GroupView;
import io.ottla.groups.TopicPartition;
import io.ottla.log.Compression;
import io.ottla.metadata.Names;
import io.ottla.metadata.Topic;
import io.ottla.replication.ReplicationGroup.Leadership;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.LongUnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the coordinator of one data group's consumer groups: decisions are made one at a time, their
 * records are gathered into rounds, and an answer is given once all that it rests on is committed.
 * Thread-safe.
 *
 * <h2>Always true</h2>
 *
 * A coordinator works under one term of the leader: another term means another coordinator, which
 * starts from what is applied. One round is on its way at a time. If a round is refused, everything
 * decided and not applied is dropped with it. If its outcome is not known, nothing is decided until
 * an entry behind it is applied: then it is known.
 *
 * <h2>Threads</h2>
 *
 * Callers decide under the lock and wait outside it; a virtual thread sends while there are rounds.
 * The lock guards {@code seat}, {@code settling}, {@code topics} and what they hold; nothing is
 * sent, awaited or woken under it.
 */
final class CoordinatorRunner {
  private static final Logger LOG = LoggerFactory.getLogger(CoordinatorRunner.class);
  private static final Duration SEND_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration SETTLE_PAUSE = Duration.ofMillis(50);

  private final ServingCluster cluster;
  private final DataGroup dataGroup;
  private final GuardedClock clock;
  private final WaitingPolls polls = new WaitingPolls();

  private final Object lock = new Object();
  private Seat seat;
  private boolean settling;
  private ClusterTopics topics;
  private volatile boolean closed;

  CoordinatorRunner(ServingCluster cluster, DataGroup dataGroup, GuardedClock clock) {
    this.cluster = cluster;
    this.dataGroup = dataGroup;
    this.clock = clock;
  }

  /** A coordinator and its rounds, for one term. Guarded by the runner's lock. */
  static final class Seat {
    private final long term;
    private final GroupCoordinator coordinator;
    private final ArrayDeque<DecidedRound> rounds = new ArrayDeque<>();
    private boolean sending;

    private Seat(long term, GroupCoordinator coordinator) {
      this.term = term;
      this.coordinator = coordinator;
    }
  }

  /** What a decision may look at. */
  record Scene(
      GroupCoordinator coordinator, ClusterTopics topics, long nowMs, LongUnaryOperator ageMs) {}

  /** A granted value and the coordinator that granted it. */
  record Granted<T>(T value, Seat seat) {}

  /** The polls of its members that wait. */
  WaitingPolls polls() {
    return polls;
  }

  /**
   * Decides and waits until the decision is committed. While nobody can decide, for want of a
   * leader, it waits for one first: leadership moves within a second or two, and nothing has been
   * decided meanwhile.
   */
  <T> Answer<Granted<T>> decide(Function<Scene, Decision<T>> decide) {
    return LeaderWait.in(cluster, () -> decideNow(decide));
  }

  /** The same without waiting for a leader. */
  <T> Answer<Granted<T>> decideNow(Function<Scene, Decision<T>> decide) {
    return decide(Optional.empty(), decide);
  }

  /** The same, but only by the coordinator that granted something before. */
  <T> Answer<T> decide(Seat expected, Function<Scene, Decision<T>> decide) {
    return decide(Optional.of(expected), decide).then(granted -> Answer.ok(granted.value()));
  }

  /** Looks at what the coordinator knows; empty when it is not {@code expected} any more. */
  <T> Optional<T> look(Seat expected, Function<GroupCoordinator, T> look) {
    synchronized (lock) {
      return isSeated(expected) ? Optional.of(look.apply(expected.coordinator)) : Optional.empty();
    }
  }

  /**
   * A group and the positions of its members.
   *
   * @param group as it is applied
   */
  record Sight(Group group, Map<TopicPartition, OptionalLong> positions) {}

  /** Looks at a group without deciding anything; empty while nobody leads. */
  Optional<Sight> see(String name, Function<Group, Set<TopicPartition>> wanted) {
    Optional<Group> applied = groups().map(groups -> groups.group(name).orElse(Group.empty(name)));
    return applied.map(
        group -> {
          Map<TopicPartition, Long> known;
          synchronized (lock) {
            known = seat == null ? Map.of() : seat.coordinator.positions(name);
          }
          Map<TopicPartition, OptionalLong> positions = new TreeMap<>();
          for (TopicPartition partition : wanted.apply(group)) {
            Long position = known.get(partition);
            positions.put(
                partition, position == null ? OptionalLong.empty() : OptionalLong.of(position));
          }
          return new Sight(group, positions);
        });
  }

  /** The groups as they are applied at the leader; empty while nobody leads. */
  Optional<GroupView> groups() {
    Optional<Leadership> leadership = dataGroup.replication().leadership();
    Optional<PartitionStore> store = dataGroup.leaderStore();
    if (leadership.isEmpty() || store.isEmpty()) {
      return Optional.empty();
    }
    if (seatAt(leadership.get().term(), store.get())) {
      polls.wakeAll();
    }
    return Optional.of(store.get().groups());
  }

  private <T> Answer<Granted<T>> decide(
      Optional<Seat> expected, Function<Scene, Decision<T>> decide) {
    Optional<Leadership> leadership = dataGroup.replication().leadership();
    Optional<PartitionStore> store = dataGroup.leaderStore();
    if (leadership.isEmpty()
        || store.isEmpty()
        || !leadership.equals(dataGroup.replication().leadership())) {
      return Answer.refused(noLeader());
    }
    Seat taken;
    Decision<T> decision;
    DecidedRound awaited;
    if (seatAt(leadership.get().term(), store.get())) {
      polls.wakeAll();
    }
    synchronized (lock) {
      boolean isSeated = seat != null && seat.term == leadership.get().term();
      taken = isSeated ? seat : null;
      if (expected.isPresent() && !expected.get().equals(taken)) {
        return Answer.refused(changed());
      }
      if (taken == null) {
        return Answer.refused(noLeader());
      }
      topics = ClusterTopics.of(cluster, topics);
      decision = decide.apply(new Scene(taken.coordinator, topics, clock.millis(), clock::ageMs));
      awaited = enqueue(taken, decision);
    }
    return switch (decision.outcome()) {
      case Decision.Denied<T>(GroupRefusal refusal) ->
          Answer.refused(GroupRefusals.refusal(refusal, cluster.view()));
      case Decision.Granted<T>(T value) ->
          awaited == null || awaited.isCommitted()
              ? Answer.ok(new Granted<>(value, taken))
              : Answer.refused(changed());
    };
  }

  /** Seats a coordinator for that term, unless it or a newer one is; whether it did. */
  private boolean seatAt(long term, PartitionStore store) {
    synchronized (lock) {
      if (settling || (seat != null && seat.term >= term)) {
        return false;
      }
      if (seat != null) {
        failAll(seat);
      }
      seat = new Seat(term, new GroupCoordinator(store.groups()));
    }
    LOG.info(
        "coordinating consumer groups: cluster={} group={} term={}",
        cluster.name(),
        dataGroup.number(),
        term);
    return true;
  }

  /** Adds the records to the rounds; the round that the answer waits for, null if none. */
  private DecidedRound enqueue(Seat taken, Decision<?> decision) {
    if (!decision.records().isEmpty()) {
      DecidedRound last = taken.rounds.peekLast();
      for (var record : decision.records()) {
        if (last == null || !last.hasRoom()) {
          last = new DecidedRound();
          taken.rounds.addLast(last);
        }
        last.add(record);
      }
      last.decidedUpTo(decision.sequence());
      if (!taken.sending) {
        Thread.ofVirtual().name("coordinator-" + dataGroup.number()).start(() -> send(taken));
        taken.sending = true; // it sends when the lock is free
      }
    }
    for (DecidedRound round : taken.rounds) {
      if (round.upTo() >= decision.sequence() && decision.sequence() > 0) {
        return round;
      }
    }
    return null;
  }

  /** Whatever fails, those who wait are answered, and the coordinator's next seat can send. */
  private void send(Seat sender) {
    try {
      sendAll(sender);
    } catch (RuntimeException | Error e) {
      LOG.error(
          "consumer group decisions not sent: cluster={} group={}",
          cluster.name(),
          dataGroup.number(),
          e);
      settle(sender, "an internal error");
    }
  }

  private void sendAll(Seat sender) {
    DecidedRound round = nextRound(sender);
    while (round != null) {
      AppendOutcome outcome = append(sender, round);
      switch (outcome) {
        case AppendOutcome.Appended _ -> committed(sender, round);
        case AppendOutcome.NotAppended refused -> refused(sender, refused.detail());
        case AppendOutcome.Known _ -> throw new IllegalStateException("nothing was claimed");
        case AppendOutcome.Unknown unknown -> {
          settle(sender, unknown.detail());
          return;
        }
      }
      round = nextRound(sender);
    }
  }

  /** Closes the first round, so that it can be sent; null when there is none. */
  private DecidedRound nextRound(Seat sender) {
    synchronized (lock) {
      DecidedRound round = sender.rounds.peekFirst();
      if (round == null) {
        sender.sending = false;
      } else {
        round.close();
      }
      return round;
    }
  }

  private AppendOutcome append(Seat sender, DecidedRound round) {
    Optional<Topic> offsets = cluster.view().topic(Names.CONSUMER_OFFSETS);
    if (offsets.isEmpty()) {
      return new AppendOutcome.NotAppended(
          AppendOutcome.Reason.NO_SUCH_PARTITION, "the cluster is not ready");
    }
    List<Event> events = round.events();
    Share share =
        new Share(
            offsets.get().id(),
            dataGroup.number() - 1,
            Compression.NONE,
            events,
            clock.millis(),
            new Share.Condition.Term(sender.term),
            System.nanoTime() + SEND_TIMEOUT.toNanos());
    return dataGroup.accumulator().append(share).await();
  }

  private void committed(Seat sender, DecidedRound round) {
    synchronized (lock) {
      sender.coordinator.appliedUpTo(round.upTo());
      sender.rounds.remove(round);
    }
    round.settle(true);
    round.changedMembers().forEach(polls::wake);
  }

  private void refused(Seat sender, String reason) {
    LOG.info(
        "consumer group decisions refused: cluster={} group={} term={}: {}",
        cluster.name(),
        dataGroup.number(),
        sender.term,
        reason);
    synchronized (lock) {
      sender.coordinator.refused();
      failAll(sender);
    }
  }

  /** What was sent may be applied yet: nothing is decided before it is known. */
  private void settle(Seat sender, String reason) {
    LOG.warn(
        "consumer group decisions of unknown outcome: cluster={} group={} term={}: {}",
        cluster.name(),
        dataGroup.number(),
        sender.term,
        reason);
    synchronized (lock) {
      failAll(sender);
      sender.sending = false;
      if (!isSeated(sender)) {
        return;
      }
      seat = null;
      settling = true;
    }
    polls.wakeAll();
    while (!isSettledOrComplain(sender.term)) {
      LockSupport.parkNanos(SETTLE_PAUSE.toNanos());
    }
    synchronized (lock) {
      settling = false;
    }
  }

  /** What fails is asked again: until it is known, nobody else may decide. */
  private boolean isSettledOrComplain(long term) {
    try {
      return isSettled(term);
    } catch (RuntimeException | Error e) {
      LOG.error(
          "not settled: cluster={} group={} term={}", cluster.name(), dataGroup.number(), term, e);
      return closed;
    }
  }

  /** An entry behind it is applied, or a newer leader is ready, which has applied it if it is. */
  private boolean isSettled(long term) {
    Optional<Leadership> leadership = dataGroup.replication().leadership();
    if (leadership.isPresent() && leadership.get().term() > term) {
      return true;
    }
    return switch (dataGroup.accumulator().submitAndAwait(List.of())) {
      case ControlOutcome.Applied _ -> true;
      case ControlOutcome.NotApplied _, ControlOutcome.Unknown _ -> closed;
    };
  }

  /** Waits for nothing any more: the cluster ends. */
  void close() {
    closed = true;
    polls.wakeAll();
  }

  private boolean isSeated(Seat candidate) {
    return candidate.equals(seat);
  }

  private static void failAll(Seat failed) {
    failed.rounds.forEach(round -> round.settle(false));
    failed.rounds.clear();
  }

  private Refusal noLeader() {
    return Refusal.of(RefusalCode.NO_LEADER, "the group's coordinator has no leader at the moment")
        .with("retry_after_seconds", 1);
  }

  private static Refusal changed() {
    return Refusal.of(
            RefusalCode.COORDINATOR_CHANGED,
            "the group's coordinator has changed meanwhile; ask again")
        .with("retry_after_seconds", 1);
  }
}
