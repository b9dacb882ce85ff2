package io.ottla.server;

import io.ottla.server.GroupHistory.Answer;
import io.ottla.server.GroupHistory.By;
import io.ottla.server.GroupHistory.Commit;
import io.ottla.server.GroupHistory.Outcome;
import io.ottla.server.GroupHistory.Owned;
import io.ottla.server.GroupHistory.Shown;
import io.ottla.server.GroupHistory.Unanswered;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Who owned what: overlaps, generations that go back, commits of members that had lost theirs. */
final class OwnershipCheck {
  private final List<Answer> answers;
  private final List<Unanswered> unanswered;
  private final List<Commit> commits;
  private final List<Shown> shown;
  private final Map<Place, Owner> owners = new HashMap<>();
  private final Map<Integer, Long> lastSentIn = new HashMap<>();
  private final List<String> found = new ArrayList<>();

  /** A partition in one generation. */
  private record Place(int generation, int partition) {}

  /** Who said to own it, and when that was first known. */
  private record Owner(long consumer, long knownAt) {}

  OwnershipCheck(
      List<Answer> answers, List<Unanswered> unanswered, List<Commit> commits, List<Shown> shown) {
    this.answers = answers;
    this.unanswered = unanswered;
    this.commits = commits;
    this.shown = shown;
  }

  List<String> contradictions() {
    List<Answer> byTime =
        answers.stream()
            .filter(answer -> answer.owned().isPresent())
            .sorted(Comparator.comparingLong(answer -> answer.time().to()))
            .toList();
    byTime.forEach(this::learnOwners);
    findGenerationsGoingBack(byTime);
    shown.forEach(this::findCommitOfAnothersPartition);
    commits.stream()
        .filter(commit -> commit.outcome() == Outcome.ACKED && commit.base() >= 0)
        .forEach(this::findCommitOfAnEndedOwnership);
    return found;
  }

  private void learnOwners(Answer answer) {
    Owned owned = answer.owned().orElseThrow();
    lastSentIn.merge(owned.generation(), answer.time().from(), Math::max);
    Stream.concat(owned.assigned().stream(), owned.revoking().stream())
        .forEach(
            partition -> {
              Place place = new Place(owned.generation(), partition);
              Owner owner = new Owner(answer.consumer(), answer.time().to());
              Owner other = owners.putIfAbsent(place, owner);
              if (other != null && other.consumer() != owner.consumer()) {
                found.add(
                    "overlap: partition %d in generation %d belongs to %d and to %d"
                        .formatted(
                            partition, place.generation(), other.consumer(), owner.consumer()));
              }
            });
  }

  private void findGenerationsGoingBack(List<Answer> byTime) {
    List<Answer> bySending =
        byTime.stream().sorted(Comparator.comparingLong(answer -> answer.time().from())).toList();
    Optional<Answer> highest = Optional.empty();
    Set<Answer> convicted = new HashSet<>();
    int next = 0;
    for (Answer answer : bySending) {
      while (next < byTime.size() && byTime.get(next).time().to() < answer.time().from()) {
        Answer before = byTime.get(next++);
        if (highest.isEmpty() || generation(highest.get()) < generation(before)) {
          highest = Optional.of(before);
        }
      }
      if (highest.isPresent()
          && generation(answer) < generation(highest.get())
          && convicted.add(highest.get())) {
        found.add(
            "generation back: %d was told %d at %s after %d was told %d at %s"
                .formatted(
                    answer.consumer(),
                    generation(answer),
                    answer.time(),
                    highest.get().consumer(),
                    generation(highest.get()),
                    highest.get().time()));
      }
    }
  }

  private static int generation(Answer answer) {
    return answer.owned().orElseThrow().generation();
  }

  /** Before and after the commit one generation gave the partition to somebody else. */
  private void findCommitOfAnothersPartition(Shown one) {
    if (one.by().isEmpty() || one.by().get().by() == By.RESET) {
      return;
    }
    Commit commit = one.by().get();
    for (int partition : one.committed().keySet()) {
      lastSentIn.forEach(
          (generation, lastSent) -> {
            Owner owner = owners.get(new Place(generation, partition));
            if (owner != null
                && owner.consumer() != commit.consumer()
                && owner.knownAt() < commit.time().from()
                && lastSent > commit.time().to()) {
              found.add(zombie(commit, partition, owner.consumer(), generation));
            }
          });
    }
  }

  /** The commit rests on an answer, and since that answer somebody else had the partition. */
  private void findCommitOfAnEndedOwnership(Commit commit) {
    Answer base = answers.get(commit.base());
    if (commit.by() == By.POSITION && !restsOn(base, commit)) {
      return;
    }
    Set<Integer> convicted = new HashSet<>();
    for (int partition : givenUpTo(base)) {
      for (Answer other : answers) {
        if (other.consumer() != commit.consumer()
            && other.time().to() < commit.time().from()
            && other.owned().filter(owned -> owned.has(partition)).isPresent()
            && isLater(other, base)
            && convicted.add(partition)) {
          int generation = generation(other);
          found.add(zombie(commit, partition, other.consumer(), generation));
        }
      }
    }
  }

  /** Whether the coordinator can know no other position of the consumer's than the answer's. */
  private boolean restsOn(Answer base, Commit commit) {
    return base.owned().isPresent()
        && unanswered.stream()
            .noneMatch(
                poll ->
                    poll.consumer() == commit.consumer()
                        && poll.time().to() >= base.time().from()
                        && poll.time().from() <= commit.time().to());
  }

  /** The partitions that the answer's position or cursor certainly holds. */
  private static Set<Integer> givenUpTo(Answer base) {
    Set<Integer> given = new HashSet<>();
    base.events().forEach(event -> given.add(event.partition()));
    return given;
  }

  private static boolean isLater(Answer other, Answer base) {
    boolean byGeneration = base.owned().isPresent() && generation(other) > generation(base);
    return byGeneration || other.time().from() > base.time().to();
  }

  private static String zombie(Commit commit, int partition, long owner, int generation) {
    return "zombie commit: %d committed partition %d by %s, which %d owned in generation %d"
        .formatted(commit.consumer(), partition, commit.by(), owner, generation);
  }
}
