package io.ottla.broker.consume;

import io.ottla.groups.Group;
import io.ottla.groups.Member;
import io.ottla.groups.Ownership;
import io.ottla.groups.TopicPartition;
import io.ottla.metadata.ClusterView;
import io.ottla.metadata.Topic;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** How far a group's members share its partitions as they should. */
public enum GroupState {
  /** It has no active member. */
  EMPTY,
  /** A partition is on the move, or one that a member subscribed to has no owner yet. */
  BALANCING,
  /** Every partition has the owner that it should have. */
  STABLE;

  static GroupState of(Group group, ClusterView view) {
    if (!group.hasActiveMembers()) {
      return EMPTY;
    }
    Set<String> subscribed = new HashSet<>();
    Set<TopicPartition> owned = new HashSet<>();
    for (Member member : group.members().values()) {
      if (member.active()) {
        if (member.owned().values().stream().anyMatch(Ownership::revoking)) {
          return BALANCING;
        }
        subscribed.addAll(member.subscription().topics());
        owned.addAll(member.owned().keySet());
      }
    }
    return subscribed.stream().allMatch(name -> isOwned(view.topic(name), owned))
        ? STABLE
        : BALANCING;
  }

  private static boolean isOwned(Optional<Topic> topic, Set<TopicPartition> owned) {
    int partitions = topic.map(Topic::partitions).orElse(0);
    for (int i = 0; i < partitions; i++) {
      if (!owned.contains(new TopicPartition(topic.get().id(), i))) {
        return false;
      }
    }
    return true;
  }
}
