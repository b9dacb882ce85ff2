package io.ottla.replication;

import io.ottla.replication.journal.GroupNote;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.ratis.server.protocol.TermIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may vote, and for whom. Raft counts on every replica to have what it once acked; a damaged
 * disk breaks that, and a second replica that merely lags makes a majority with it. So: nobody is
 * elected who has less than a member that can be asked, or less than what is known to be committed.
 *
 * <p>Always true: what a member says of itself when it is asked is at least what it has acked by
 * then, and until it takes part it counts with all that it was judged to have. So a vote that
 * passes is for a candidate that has all that each member here had acked. An answer that is kept
 * and lags would break this, as a damaged replica and one that lags are a majority: none is kept.
 *
 * <p>It only refuses votes, so it never does harm to Raft's safety; and the member that has most is
 * never refused for having too little.
 *
 * <p>Thread-safe: the monitor guards all fields and is never held across I/O or a call to a
 * replica.
 */
final class VoteGuard {
  private static final Logger log = LoggerFactory.getLogger(VoteGuard.class);
  private static final long START_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long LOG_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Set<Integer> starting = new HashSet<>();
  private final Set<Integer> published = new HashSet<>();
  private final Map<Integer, Group> groups = new HashMap<>();
  private final Map<String, Long> loggedAtNanos = new HashMap<>();

  /** What is known of a group; guarded by the guard's monitor. */
  private static final class Group {
    final Map<Integer, TermIndex> ends = new HashMap<>();
    final Map<Integer, TermIndex> judged = new HashMap<>();
    final Set<Integer> present = new HashSet<>();
    final Set<Integer> unsure = new HashSet<>();
    TermIndex committed = TermIndex.INITIAL_VALUE;
    long term;

    void learn(int member, TermIndex end) {
      ends.merge(member, end, GroupNote::later);
    }
  }

  private Group group(int number) {
    return groups.computeIfAbsent(number, _ -> new Group());
  }

  /** These brokers are being started: until they are judged, no vote counts. */
  synchronized void expect(Collection<Integer> brokers) {
    starting.addAll(brokers);
    published.removeAll(brokers);
  }

  /** That broker runs, or will not. */
  synchronized void startEnded(int broker) {
    starting.remove(broker);
    notifyAll();
  }

  /** What a broker's notes and files say is known from now on. */
  synchronized void publish(int broker, Collection<GroupSpec> specs, Map<UUID, GroupNote> notes) {
    for (GroupSpec spec : specs) {
      GroupNote note = notes.getOrDefault(spec.id(), GroupNote.NOTHING);
      Group group = group(spec.number());
      group.learn(broker, note.end());
      note.members().forEach(group::learn);
      group.committed = GroupNote.later(group.committed, note.committed());
      group.term = Math.max(group.term, note.term());
      group.present.remove(broker);
    }
    published.add(broker);
    notifyAll();
  }

  /** Waits until all that are being started have published, or will not. */
  void awaitPublished() throws IOException {
    awaitStart("notes", () -> published.containsAll(starting));
  }

  private synchronized void awaitStart(String what, BooleanSupplier done) throws IOException {
    long startedNanos = System.nanoTime();
    while (!done.getAsBoolean()) {
      long leftNanos = START_LIMIT_NANOS - (System.nanoTime() - startedNanos);
      if (leftNanos <= 0) {
        log.error("brokers take too long to start, going on without their {}: {}", what, starting);
        starting.clear();
        notifyAll();
        return;
      }
      try {
        TimeUnit.NANOSECONDS.timedWait(this, leftNanos);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
  }

  /** A replica's journal has been judged whole, with this end; it takes part soon. */
  synchronized void judged(int broker, int group, TermIndex end, boolean unsure) {
    Group found = group(group);
    found.judged.put(broker, end);
    found.present.add(broker);
    found.learn(broker, end);
    if (unsure) {
      found.unsure.add(broker);
    } else {
      found.unsure.remove(broker);
    }
    notifyAll();
  }

  /** A replica has lost something: it takes no part until it is rebuilt. */
  synchronized void lost(int broker, int group) {
    Group found = group(group);
    found.judged.remove(broker);
    found.unsure.remove(broker);
    found.present.add(broker);
    notifyAll();
  }

  /** A judged replica takes part: from now on it is asked itself. */
  synchronized void hosted(int broker, int group) {
    group(group).judged.remove(broker);
  }

  /** That broker is gone. */
  synchronized void left(int broker) {
    for (Group group : groups.values()) {
      group.judged.remove(broker);
      group.present.remove(broker);
    }
    notifyAll();
  }

  /** A replica has heard a ready leader and applied what was committed. */
  synchronized void sure(int broker, int group) {
    group(group).unsure.remove(broker);
  }

  synchronized boolean isUnsure(int broker, int group) {
    return group(group).unsure.contains(broker);
  }

  /** Learns what a member has forced, and what it knows to be committed. */
  synchronized void learn(int group, int member, TermIndex end, TermIndex committed, long term) {
    Group found = group(group);
    found.learn(member, end);
    found.committed = GroupNote.later(found.committed, committed);
    found.term = Math.max(found.term, term);
  }

  /** What a member may have acked, as far as anybody here knows. */
  synchronized TermIndex mayHaveAcked(int group, int member) {
    return group(group).ends.getOrDefault(member, TermIndex.INITIAL_VALUE);
  }

  /**
   * A replica has been rebuilt by this process, from a checkpoint that has all of its entries that
   * were or will be committed: what it had beyond that counts no more. Otherwise each later start
   * would find that it has less than it acked, if the term of what nobody committed was a newer
   * one.
   */
  synchronized void rebuilt(int broker, int group, TermIndex at) {
    group(group).ends.put(broker, at);
  }

  /** The newest term that anybody here knows of. */
  synchronized long newestTerm(int group) {
    return group(group).term;
  }

  /** Adds what is known of all members to a broker's own note. */
  synchronized GroupNote complete(int group, GroupNote own) {
    Group found = group(group);
    return new GroupNote(own.end(), found.committed, own.term(), own.voteSum(), found.ends);
  }

  /**
   * Lets a vote pass, or not. Waits while brokers are being started that are not judged yet.
   *
   * @param last the candidate's last entry
   * @param forcedEnds gives what the members that take part have forced, by broker
   * @throws IOException when the vote must not be given
   */
  void admit(
      GroupSpec spec,
      int candidate,
      int voter,
      TermIndex last,
      Supplier<Map<Integer, TermIndex>> forcedEnds)
      throws IOException {
    int number = spec.number();
    awaitStart("judgement", () -> group(number).present.containsAll(startingMembers(spec)));
    Optional<String> refusal = refusal(spec, candidate, voter, last, forcedEnds.get());
    if (refusal.isPresent()) {
      throw new IOException("no vote: " + refusal.get());
    }
  }

  private Set<Integer> startingMembers(GroupSpec spec) {
    Set<Integer> members = new HashSet<>(starting);
    members.retainAll(spec.memberBrokerIds());
    return members;
  }

  private synchronized Optional<String> refusal(
      GroupSpec spec, int candidate, int voter, TermIndex last, Map<Integer, TermIndex> hosted) {
    Group group = group(spec.number());
    hosted.forEach(group::learn);
    Map<Integer, TermIndex> others = new HashMap<>(group.judged);
    others.putAll(hosted);
    others.remove(candidate);
    for (Map.Entry<Integer, TermIndex> other : others.entrySet()) {
      if (other.getValue().compareTo(last) > 0) {
        // Ordinary, too: a replica that lags stands first. It is refused by that one anyway.
        return Optional.of(
            "broker "
                + candidate
                + " ends at "
                + last
                + ", "
                + other.getKey()
                + " at "
                + other.getValue());
      }
    }
    if (group.committed.compareTo(last) > 0) {
      return logged(
          spec, "broker " + candidate + " ends at " + last + ", committed is " + group.committed);
    }
    boolean unsure = group.unsure.contains(candidate) || group.unsure.contains(voter);
    if (unsure && !group.present.containsAll(spec.memberBrokerIds())) {
      return logged(
          spec,
          "nothing is noted of broker "
              + (group.unsure.contains(candidate) ? candidate : voter)
              + ", so all of "
              + spec.memberBrokerIds()
              + " must be here, but only "
              + group.present
              + " are");
    }
    return Optional.empty();
  }

  private Optional<String> logged(GroupSpec spec, String reason) {
    long now = System.nanoTime();
    String key = spec.number() + reason;
    Long before = loggedAtNanos.get(key);
    if (before == null || now - before > LOG_EVERY_NANOS) {
      loggedAtNanos.clear();
      loggedAtNanos.put(key, now);
      log.warn("vote refused: group={} reason={}", spec.number(), reason);
    }
    return Optional.of(reason);
  }
}
