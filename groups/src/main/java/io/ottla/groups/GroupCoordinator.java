package io.ottla.groups;

import io.ottla.groups.GroupReply.Committed;
import io.ottla.groups.GroupReply.Delivered;
import io.ottla.groups.GroupReply.Done;
import io.ottla.groups.GroupReply.Forgotten;
import io.ottla.groups.GroupReply.MemberName;
import io.ottla.groups.GroupReply.Membership;
import io.ottla.groups.GroupReply.PollPlan;
import io.ottla.groups.Sessions.Before;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongUnaryOperator;
import java.util.stream.Collectors;

/**
 * Decides for the groups of one partition of {@code __consumer_offsets}, while that partition's
 * leader is the same. A decision sees what is applied and, over it, what was decided before; it
 * gives records and an answer that stands once they are applied. Nothing here is durable: sessions
 * and positions start anew with a new coordinator.
 *
 * <p>Always true of the groups as decided: a partition has one owner; a commit by position or
 * cursor never lowers the committed offset; generations only grow.
 *
 * <p>One owner at a time: who runs it calls from one thread, or under one lock. No I/O, no clock.
 */
public final class GroupCoordinator {
  /** How long a member may be silent until it is no member any more. */
  public static final long FORGET_AFTER_MS = 7L * 24 * 3600 * 1000;

  /**
   * The same for one that is alone, has committed nothing and has polled once at most: it starts
   * anew as well with another id.
   */
  public static final long FORGET_UNUSED_AFTER_MS = 3600 * 1000;

  private static final long SWEEP_EVERY_MS = 30_000;

  private final Overlay groups;
  private final GroupView applied;
  private final Sessions sessions = new Sessions();

  /** Per group the version of the topics that it was last balanced for. */
  private final Map<String, Long> balancedFor = new HashMap<>();

  private long sweptAtMs = Long.MIN_VALUE;
  private long sweptTopics = Long.MIN_VALUE;

  public GroupCoordinator(GroupView applied) {
    this.applied = applied;
    this.groups = new Overlay(applied);
  }

  /** The groups as decided, applied or not. */
  public GroupView decided() {
    return groups;
  }

  /** Everything decided up to that sequence is applied. */
  public void appliedUpTo(long sequence) {
    groups.appliedUpTo(sequence);
    sessions.appliedUpTo(sequence);
  }

  /** What was decided and is not applied was refused, all of it. */
  public void refused() {
    groups.drop();
    sessions.refused(applied);
    balancedFor.clear();
    sweptTopics = Long.MIN_VALUE;
  }

  /** A member joins, or changes its subscription. */
  public Decision<Membership> join(GroupRequest.Join request, Topics topics, long nowMs) {
    Draft draft = groups.draft(request.group());
    Optional<GroupRefusal> refusal = Refusals.otherProtocol(draft.group());
    if (refusal.isPresent()) {
      return Decision.denied(refusal.get());
    }
    Session session = sessions.of(draft.group(), request.memberId(), nowMs);
    Memberships.create(draft, nowMs);
    Member member =
        draft
            .group()
            .member(request.memberId())
            .orElse(Member.joining(request.memberId(), request.subscription(), nowMs));
    enter(draft, member.withSubscription(request.subscription()), topics, nowMs);
    session.touch(nowMs);
    return decide(draft, membership(draft, request.memberId()));
  }

  /** A member's poll begins: a newer one ends the older. */
  public Decision<PollPlan> poll(
      GroupRequest.Poll request, Topics topics, LogBounds bounds, long nowMs) {
    Draft draft = groups.draft(request.group());
    Optional<Member> known = draft.group().member(request.memberId());
    Optional<GroupRefusal> refusal = Refusals.pollRefusal(draft.group(), known, request);
    if (refusal.isPresent()) {
      return Decision.denied(refusal.get());
    }
    Before before = sessions.before(request.group(), request.memberId());
    Session session = sessions.of(draft.group(), request.memberId(), nowMs);
    Member member =
        known.orElseGet(
            () -> Member.joining(request.memberId(), request.ifNew().orElseThrow(), nowMs));
    if (request.cursor().isPresent()) {
      refusal = Polls.takeCursor(member, session, request.cursor().get(), bounds);
      if (refusal.isPresent()) {
        return Decision.denied(refusal.get());
      }
    }
    Memberships.create(draft, nowMs);
    Set<TopicPartition> going = Polls.letGo(member, session);
    if (request.autoCommit().orElse(member.subscription().autoCommit())) {
      boolean due = session.autoCommitIsDue(nowMs, request.autoCommitIntervalMs());
      Commits.positions(
          draft, member, session, due ? member.owned().keySet() : going, bounds, nowMs);
      if (due) {
        session.autoCommitted(nowMs);
      }
    }
    if (!member.subscription().topics().containsAll(request.topics())) {
      member = member.withSubscription(member.subscription().to(request.topics()));
    }
    enter(draft, Memberships.without(member, going), topics, nowMs);
    session.waitsUntil(nowMs + request.waitMs());
    Member after = draft.group().member(request.memberId()).orElseThrow();
    session.dropStale(after);
    PollPlan plan = Polls.plan(draft.group(), after, session, sessions.beginPoll(session));
    return decide(draft, plan, List.of(before));
  }

  /** Tells the first offsets of a plan's {@link PollPlan#starts}; those left out wait. */
  public Decision<PollPlan> started(PollPlan plan, Map<TopicPartition, Long> offsets, long nowMs) {
    Draft draft = groups.draft(plan.group());
    Optional<Member> member = draft.group().member(plan.memberId());
    Optional<Session> session = sessions.newest(plan);
    if (member.isEmpty() || session.isEmpty()) {
      return Decision.denied(Refusals.ended(plan, member));
    }
    Before before = sessions.before(plan.group(), plan.memberId());
    Polls.start(draft, member.get(), session.get(), plan, offsets, nowMs);
    PollPlan begun = Polls.plan(draft.group(), member.get(), session.get(), plan.pollId());
    return decide(draft, begun, List.of(before));
  }

  /** What has become of a poll since its plan was granted. */
  public enum PollStanding {
    /** It may go on. */
    CURRENT,
    /** The member owns other partitions by now, or its session has ended: poll again. */
    REASSIGNED,
    /** The member's positions were moved: poll again, without a cursor. */
    MOVED,
    /** A newer poll has begun. */
    SUPERSEDED,
    /** The member has left. */
    GONE
  }

  /** Whether the poll may go on waiting; when not, it should end by {@link #delivered}. */
  public PollStanding standing(PollPlan plan) {
    Optional<Member> member =
        groups.group(plan.group()).flatMap(group -> group.member(plan.memberId()));
    if (member.isEmpty()) {
      return PollStanding.GONE;
    }
    Optional<Session> session = sessions.find(plan.group(), plan.memberId());
    if (session.isPresent() && !session.get().isNewest(plan.pollId())) {
      return session.get().isNewestBegun(plan.pollId())
          ? PollStanding.MOVED
          : PollStanding.SUPERSEDED;
    }
    boolean isSame =
        session.isPresent()
            && member.get().active()
            && Membership.of(plan.membership().generation(), member.get())
                .equals(plan.membership());
    return isSame ? PollStanding.CURRENT : PollStanding.REASSIGNED;
  }

  /**
   * A poll ends: the member's positions move behind the events that are answered. A stream may call
   * it several times.
   *
   * @param nextOffsets of the partitions that were read
   */
  public Decision<Delivered> delivered(
      PollPlan plan, Map<TopicPartition, Long> nextOffsets, long nowMs) {
    Group group = groups.group(plan.group()).orElse(Group.empty(plan.group()));
    Optional<Member> member = group.member(plan.memberId());
    Optional<Session> session = sessions.newest(plan);
    if (member.isEmpty() || session.isEmpty()) {
      return Decision.denied(Refusals.ended(plan, member));
    }
    // An answer tells what is applied: what is only decided may yet be refused.
    Group told = groups.applied(plan.group());
    if (told.member(plan.memberId()).isEmpty()) {
      return Decision.denied(new GroupRefusal.PollSuperseded());
    }
    session.get().waitsUntil(nowMs);
    Delivered reply = Polls.deliver(told, member.get(), session.get(), plan, nextOffsets);
    return new Decision<>(List.of(), 0, new Decision.Granted<>(reply));
  }

  /** A member says that it lives. */
  public Decision<Membership> heartbeat(GroupRequest.Heartbeat request, Topics topics, long nowMs) {
    Draft draft = groups.draft(request.group());
    Optional<GroupRefusal> refusal = Refusals.notAMember(draft.group(), request.memberId());
    if (refusal.isPresent()) {
      return Decision.denied(refusal.get());
    }
    sessions.of(draft.group(), request.memberId(), nowMs).touch(nowMs);
    enter(draft, draft.group().member(request.memberId()).orElseThrow(), topics, nowMs);
    return decide(draft, membership(draft, request.memberId()));
  }

  /** A member leaves. */
  public Decision<Done> leave(GroupRequest.Leave request, Topics topics) {
    Draft draft = groups.draft(request.group());
    Optional<GroupRefusal> refusal = Refusals.notAMember(draft.group(), request.memberId());
    if (refusal.isPresent()) {
      return Decision.denied(refusal.get());
    }
    Memberships.remove(draft, request.memberId());
    rebalance(draft, topics);
    Before ended = sessions.end(request.group(), request.memberId());
    return decide(draft, new Done(), List.of(ended));
  }

  /** Commits what the member was given so far. */
  public Decision<Committed> commit(
      GroupRequest.CommitPosition request, Topics topics, LogBounds bounds, long nowMs) {
    Draft draft = groups.draft(request.group());
    Optional<GroupRefusal> refusal = Refusals.notAMember(draft.group(), request.memberId());
    if (refusal.isPresent()) {
      return Decision.denied(refusal.get());
    }
    Member member = draft.group().member(request.memberId()).orElseThrow();
    Session session = sessions.of(draft.group(), member.id(), nowMs);
    session.touch(nowMs);
    refusal = Commits.positionRefusal(member, session, topics);
    if (refusal.isPresent()) {
      return Decision.denied(refusal.get());
    }
    Commits.positions(draft, member, session, member.owned().keySet(), bounds, nowMs);
    return decide(draft, Commits.committed(draft.group(), member.owned().keySet()));
  }

  /** Commits up to the answer that gave the cursor. */
  public Decision<Committed> commit(
      GroupRequest.CommitCursor request, Topics topics, LogBounds bounds, long nowMs) {
    Draft draft = groups.draft(request.group());
    Optional<GroupRefusal> refusal =
        Refusals.notAMember(draft.group(), request.memberId())
            .or(() -> Polls.cursorRefusal(draft.group(), request.cursor(), request.memberId()));
    if (refusal.isPresent()) {
      return Decision.denied(refusal.get());
    }
    Member member = draft.group().member(request.memberId()).orElseThrow();
    sessions.of(draft.group(), member.id(), nowMs).touch(nowMs);
    refusal = Commits.cursor(draft, member, request.cursor(), topics, bounds, nowMs);
    return refusal.isPresent()
        ? Decision.denied(refusal.get())
        : decide(draft, Commits.committed(draft.group(), request.cursor().places().keySet()));
  }

  /** Commits exactly what the member says. */
  public Decision<Committed> commit(
      GroupRequest.CommitOffsets request, LogBounds bounds, long nowMs) {
    Draft draft = groups.draft(request.group());
    Optional<GroupRefusal> refusal =
        Refusals.notAMember(draft.group(), request.memberId())
            .or(
                () ->
                    Refusals.notOwned(
                        draft.group(), request.memberId(), request.offsets().keySet()));
    if (refusal.isPresent()) {
      return Decision.denied(refusal.get());
    }
    sessions.of(draft.group(), request.memberId(), nowMs).touch(nowMs);
    refusal = Commits.exactly(draft, request.offsets(), bounds, nowMs);
    return refusal.isPresent()
        ? Decision.denied(refusal.get())
        : decide(draft, Commits.committed(draft.group(), request.offsets().keySet()));
  }

  /** Moves a member's positions; its poll under way is superseded. */
  public Decision<Done> seek(GroupRequest.Seek request, LogBounds bounds, long nowMs) {
    Draft draft = groups.draft(request.group());
    Optional<GroupRefusal> refusal =
        Refusals.notAMember(draft.group(), request.memberId())
            .or(
                () ->
                    Refusals.notOwned(
                        draft.group(), request.memberId(), request.offsets().keySet()));
    for (Map.Entry<TopicPartition, Long> entry : request.offsets().entrySet()) {
      refusal = refusal.or(() -> Commits.isCommittable(entry.getKey(), entry.getValue(), bounds));
    }
    if (refusal.isPresent()) {
      return Decision.denied(refusal.get());
    }
    Member member = draft.group().member(request.memberId()).orElseThrow();
    Before before = sessions.before(request.group(), member.id());
    Session session = sessions.of(draft.group(), member.id(), nowMs);
    session.touch(nowMs);
    sessions.supersedePoll(session);
    request
        .offsets()
        .forEach((p, offset) -> session.moveTo(p, member.owned().get(p).epoch(), offset));
    return decide(draft, new Done(), List.of(before));
  }

  /** Sets the commits of a group without active members; made if there is none. */
  public Decision<Committed> reset(GroupRequest.Reset request, LogBounds bounds, long nowMs) {
    Draft draft = groups.draft(request.group());
    Optional<GroupRefusal> refusal =
        Refusals.otherProtocol(draft.group()).or(() -> Refusals.active(draft.group()));
    if (refusal.isPresent()) {
      return Decision.denied(refusal.get());
    }
    Memberships.create(draft, nowMs);
    refusal = Commits.exactly(draft, request.offsets(), bounds, nowMs);
    if (refusal.isPresent()) {
      return Decision.denied(refusal.get());
    }
    // A silent member's hold, and with it its position and cursors, must not outlive the reset.
    for (Member member : List.copyOf(draft.group().members().values())) {
      Member without = Memberships.without(member, request.offsets().keySet());
      if (!without.equals(member)) {
        draft.put(without);
      }
    }
    return decide(draft, Commits.committed(draft.group(), request.offsets().keySet()));
  }

  /** Forgets a group without active members, and with it the others. */
  public Decision<Forgotten> delete(GroupRequest.Delete request) {
    Draft draft = groups.draft(request.group());
    if (draft.group().isEmpty()) {
      return Decision.denied(new GroupRefusal.UnknownGroup(request.group()));
    }
    Optional<GroupRefusal> refusal =
        Refusals.otherProtocol(draft.group()).or(() -> Refusals.active(draft.group()));
    if (refusal.isPresent()) {
      return Decision.denied(refusal.get());
    }
    List<MemberName> members =
        draft.group().members().keySet().stream()
            .map(id -> new MemberName(request.group(), id))
            .toList();
    List<Before> ended = sessions.endAll(draft.group());
    Memberships.removeAll(draft);
    return decide(draft, new Forgotten(members), ended);
  }

  /**
   * Time passes: sessions end, members silent for {@link #FORGET_AFTER_MS} are forgotten, groups
   * follow their topics. To be called a few times a second.
   */
  public Decision<Forgotten> tick(Topics topics, long nowMs) {
    return tick(topics, nowMs, false, at -> nowMs - at);
  }

  /**
   * The same.
   *
   * @param crowded there are so many consumers that one alone without a commit goes after {@link
   *     #FORGET_UNUSED_AFTER_MS} of silence, however often it has polled
   * @param ageMs how long ago a time in the log was, as far as it is believed
   */
  public Decision<Forgotten> tick(
      Topics topics, long nowMs, boolean crowded, LongUnaryOperator ageMs) {
    Forgetting forgetting = new Forgetting(sessions, crowded, ageMs);
    if (sweptTopics != topics.version() || nowMs - sweptAtMs > SWEEP_EVERY_MS) {
      sweptTopics = topics.version();
      sweptAtMs = nowMs;
      return sweep(topics, nowMs, forgetting);
    }
    return pass(sessions.groupsWithSilentMembers(groups, nowMs), topics, nowMs, forgetting);
  }

  /** The slow tick: looks at every group, also at those that nobody has asked about here. */
  private Decision<Forgotten> sweep(Topics topics, long nowMs, Forgetting forgetting) {
    List<Group> all = new ArrayList<>(groups.groups());
    all.removeIf(group -> Refusals.otherProtocol(group).isPresent());
    balancedFor.keySet().retainAll(all.stream().map(Group::name).collect(Collectors.toSet()));
    for (Group group : all) {
      group.members().values().stream()
          .filter(Member::active)
          .forEach(member -> sessions.of(group, member.id(), nowMs));
    }
    return pass(all, topics, nowMs, forgetting);
  }

  private Decision<Forgotten> pass(
      List<Group> passed, Topics topics, long nowMs, Forgetting forgetting) {
    List<GroupRecord> records = new ArrayList<>();
    List<MemberName> forgotten = new ArrayList<>();
    long sequence = 0;
    for (Group group : passed) {
      Draft draft = new Draft(group);
      List<Before> ended = new ArrayList<>();
      for (Member member : group.members().values()) {
        if (member.active() && sessions.isOver(group, member.id(), nowMs)) {
          draft.put(member.withActive(false, nowMs));
        } else if (forgetting.isDue(group, member)) {
          Memberships.remove(draft, member.id());
          forgotten.add(new MemberName(group.name(), member.id()));
          ended.add(sessions.end(group.name(), member.id()));
        }
      }
      if (!draft.records().isEmpty() || isUnbalanced(group.name(), topics)) {
        rebalance(draft, topics);
      }
      long taken = groups.take(draft);
      sessions.changed(ended, taken);
      sequence = Math.max(sequence, taken);
      records.addAll(draft.records());
    }
    return new Decision<>(records, sequence, new Decision.Granted<>(new Forgotten(forgotten)));
  }

  /** The next offset of each of the group's partitions, where this coordinator knows it. */
  public Map<TopicPartition, Long> positions(String group) {
    return groups.group(group).map(sessions::positions).orElse(Map.of());
  }

  /** Puts the member, alive, into the group and balances if that changed anything. */
  private void enter(Draft draft, Member member, Topics topics, long nowMs) {
    Member alive = member.active() ? member : member.withActive(true, nowMs);
    if (!draft.group().member(alive.id()).equals(Optional.of(alive))) {
      draft.put(alive);
      rebalance(draft, topics);
    } else if (isUnbalanced(draft.group().name(), topics)) {
      rebalance(draft, topics);
    }
  }

  private boolean isUnbalanced(String group, Topics topics) {
    return !Long.valueOf(topics.version()).equals(balancedFor.get(group));
  }

  private void rebalance(Draft draft, Topics topics) {
    Rebalance.run(draft, topics);
    balancedFor.put(draft.group().name(), topics.version());
  }

  private <T> Decision<T> decide(Draft draft, T value) {
    return new Decision<>(draft.records(), groups.take(draft), new Decision.Granted<>(value));
  }

  /** The same of a decision with which these sessions have changed. */
  private <T> Decision<T> decide(Draft draft, T value, List<Before> before) {
    Decision<T> decision = decide(draft, value);
    sessions.changed(before, decision.sequence());
    return decision;
  }

  private static Membership membership(Draft draft, String memberId) {
    Member member = draft.group().member(memberId).orElseThrow();
    return Membership.of(draft.group().generation(), member);
  }
}
