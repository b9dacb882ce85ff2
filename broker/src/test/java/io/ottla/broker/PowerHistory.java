package io.ottla.broker;

import io.ottla.replication.JournalMirror;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What brokers have promised so far, to clients and to each other. Thread-safe. */
final class PowerHistory implements JournalMirror.Witness {
  private final List<Event> events = new ArrayList<>();
  private final Map<Path, Long> forced = new HashMap<>();
  private final Map<Path, Long> cuts = new HashMap<>();
  private final Map<String, Vote> votes = new HashMap<>();
  private final Set<Path> mayBeLost = new HashSet<>();

  /** An event that was acked. */
  record Event(String topic, int partition, long offset, String key, String value) {}

  /** A vote; nobody may have another one of the same voter in its term. */
  record Vote(long term, String candidate) {}

  /**
   * What was promised at one instant. Immutable.
   *
   * @param forced how far each journal counts as forced, by its directory
   * @param votes the newest vote of each voter, by group and voter
   * @param mayBeLost journals that were taken away on purpose
   */
  record Promised(
      List<Event> events, Map<Path, Long> forced, Map<String, Vote> votes, Set<Path> mayBeLost) {}

  synchronized Promised now() {
    return new Promised(
        List.copyOf(events), Map.copyOf(forced), Map.copyOf(votes), Set.copyOf(mayBeLost));
  }

  /** What came after that instant was never promised: the process was killed then. */
  synchronized void goBackTo(Promised promised) {
    events.clear();
    events.addAll(promised.events());
    forced.clear();
    forced.putAll(promised.forced());
    cuts.clear();
    votes.clear();
    votes.putAll(promised.votes());
    mayBeLost.clear();
    mayBeLost.addAll(promised.mayBeLost());
  }

  synchronized void acked(Event event) {
    events.add(event);
  }

  static String voter(String group, String voter) {
    return group + " by " + voter;
  }

  /** A journal that will be cut counts up to the cut only, until that is done. */
  @Override
  public synchronized void forced(Path journal, long index) {
    Long cut = cuts.get(journal);
    if (cut != null && index <= cut) {
      cuts.remove(journal);
    }
    forced.put(journal, cut == null ? index : Math.min(cut, index));
  }

  @Override
  public synchronized void cut(Path journal, long index) {
    cuts.merge(journal, index, Math::min);
    forced.computeIfPresent(journal, (_, before) -> Math.min(before, index));
  }

  /** Another replica's copy takes the journal's place: its checkpoint counts instead. */
  @Override
  public synchronized void replaced(Path journal) {
    forced.remove(journal);
    cuts.remove(journal);
  }

  @Override
  public synchronized void voted(String group, String voter, long term, String candidate) {
    votes.merge(
        voter(group, voter),
        new Vote(term, candidate),
        (before, now) -> now.term() > before.term() ? now : before);
  }

  synchronized void mayBeLost(Path journal) {
    mayBeLost.add(journal);
    replaced(journal);
  }

  synchronized void isWhole(Path journal) {
    mayBeLost.remove(journal);
  }
}
