package io.ottla.groups;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The applied groups with what is decided and not yet applied laid over them. One owner at a time.
 */
final class Overlay implements GroupView {
  private final GroupView applied;
  private final Map<String, Decided> decided = new HashMap<>();
  private long sequence;

  Overlay(GroupView applied) {
    this.applied = applied;
  }

  /** A group as it will be once everything up to {@code sequence} is applied. */
  private record Decided(Group group, long sequence) {}

  @Override
  public Optional<Group> group(String name) {
    Decided ahead = decided.get(name);
    Optional<Group> group = ahead == null ? applied.group(name) : Optional.of(ahead.group());
    return group.filter(g -> !g.isEmpty());
  }

  /** The group without what is not applied yet. */
  Group applied(String name) {
    return applied.group(name).orElse(Group.empty(name));
  }

  @Override
  public Collection<Group> groups() {
    Map<String, Group> all = new TreeMap<>();
    applied.groups().forEach(group -> all.put(group.name(), group));
    decided.values().forEach(ahead -> all.put(ahead.group().name(), ahead.group()));
    all.values().removeIf(Group::isEmpty);
    return all.values();
  }

  Draft draft(String name) {
    return new Draft(group(name).orElse(Group.empty(name)));
  }

  /**
   * Lays the draft over the group.
   *
   * @return the sequence up to which must be applied before the draft's group stands
   */
  long take(Draft draft) {
    String name = draft.group().name();
    if (!draft.records().isEmpty()) {
      sequence++;
      decided.put(name, new Decided(draft.group(), sequence));
    }
    Decided ahead = decided.get(name);
    return ahead == null ? 0 : ahead.sequence();
  }

  /** Everything up to there is applied. */
  void appliedUpTo(long upTo) {
    decided.values().removeIf(ahead -> ahead.sequence() <= upTo);
  }

  void drop() {
    decided.clear();
  }
}
