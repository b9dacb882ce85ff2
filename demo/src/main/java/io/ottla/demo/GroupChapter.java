package io.ottla.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/**
 * Three members share a topic; one falls silent and comes back, one leaves. All of them commit
 * every answer before their next poll, but for the last answer before the silence. One owner.
 */
final class GroupChapter {
  private static final Duration SESSION = Duration.ofSeconds(2);

  /** Of those that are never silent, so that a busy machine does not end theirs. */
  private static final Duration LONG_SESSION = Duration.ofSeconds(30);

  private static final Duration NOTICED_WITHIN = SESSION.plusSeconds(2);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int FEW = 10;
  private static final int MANY = 100;

  private final SharedTopic topic;
  private final Report report;
  private final Map<Place, Integer> timesGiven = new HashMap<>();

  GroupChapter(SharedTopic topic, Report report) {
    this.topic = topic;
    this.report = report;
  }

  private record Place(int partition, long offset) {
    static Place of(Delivery delivery) {
      return new Place(delivery.partition(), delivery.offset());
    }
  }

  void run() throws IOException, InterruptedException {
    report.chapter("Three members of one group share " + topic.published() + " events");
    Member first = Member.join(topic.target(), "readers", LONG_SESSION);
    Member second = Member.join(topic.target(), "readers", LONG_SESSION);
    Member third = Member.join(topic.target(), "readers", SESSION);
    List<Member> all = List.of(first, second, third);
    readUntil(all, FEW, () -> shares(all, 2));
    show(all);
    report.check(shares(all, 2), "each owns two of the six partitions", owned(all));
    Set<Place> uncommitted = fallSilent(third, List.of(first, second));
    readUntil(all, MANY, () -> shares(all, 2));
    report.check(shares(all, 2), "it comes back: two partitions each again", owned(all));
    second.leave();
    List<Member> rest = List.of(first, third);
    double seconds = readUntil(rest, MANY, () -> shares(rest, 3));
    report.check(
        shares(rest, 3),
        "another one leaves: three each, after %.1f s".formatted(seconds),
        owned(rest));
    checkDeliveries(uncommitted);
    first.leave();
    third.leave();
  }

  /** The events of its last answer, which it does not commit. */
  private Set<Place> fallSilent(Member silent, List<Member> others)
      throws IOException, InterruptedException {
    Set<Place> uncommitted = new HashSet<>();
    while (uncommitted.isEmpty()) {
      List<Delivery> last = silent.poll(FEW);
      take(last);
      last.forEach(delivery -> uncommitted.add(Place.of(delivery)));
    }
    double seconds = readUntil(others, MANY, () -> shares(others, 3));
    report.line(
        "consumer %d falls silent with %d events that it has not committed"
            .formatted(silent.id(), uncommitted.size()));
    show(others);
    report.check(
        shares(others, 3) && seconds <= NOTICED_WITHIN.toMillis() / 1e3,
        "the others own all six %.1f s later, its session being %d s"
            .formatted(seconds, SESSION.toSeconds()),
        owned(others));
    readUntil(others, MANY, () -> timesGiven.size() == topic.published());
    return uncommitted;
  }

  private void checkDeliveries(Set<Place> uncommitted) {
    report.check(
        timesGiven.size() == topic.published(),
        "all " + topic.published() + " events were given",
        timesGiven.size());
    Set<Place> again = new HashSet<>();
    timesGiven.forEach(
        (place, times) -> {
          if (times > 1) {
            again.add(place);
          }
        });
    report.check(
        again.equals(uncommitted),
        "given again were those " + uncommitted.size() + " that were not committed, and no others",
        again);
  }

  /** Lets the members poll in turn; the seconds until it was enough, or patience was over. */
  private double readUntil(List<Member> members, int maxEvents, BooleanSupplier enough)
      throws IOException, InterruptedException {
    long startedNanos = System.nanoTime();
    while (!enough.getAsBoolean() && System.nanoTime() - startedNanos < PATIENCE.toNanos()) {
      for (Member member : members) {
        List<Delivery> deliveries = member.poll(maxEvents);
        take(deliveries);
        if (!deliveries.isEmpty()) {
          member.commit();
        }
      }
    }
    return (System.nanoTime() - startedNanos) / 1e9;
  }

  private void take(List<Delivery> deliveries) {
    deliveries.forEach(delivery -> timesGiven.merge(Place.of(delivery), 1, Integer::sum));
  }

  /** Whether each owns so many partitions, together all of them, and none is on the move. */
  private static boolean shares(List<Member> members, int partitionsEach) {
    Set<Integer> together = new TreeSet<>();
    members.forEach(member -> together.addAll(member.owned()));
    return together.size() == SharedTopic.PARTITIONS
        && members.stream()
            .allMatch(member -> member.owned().size() == partitionsEach && !member.hasToLetGo());
  }

  private static List<Set<Integer>> owned(List<Member> members) {
    return new ArrayList<>(members.stream().map(Member::owned).toList());
  }

  private void show(List<Member> members) {
    members.forEach(
        member ->
            report.line("consumer %d   partitions %s".formatted(member.id(), member.owned())));
  }
}
