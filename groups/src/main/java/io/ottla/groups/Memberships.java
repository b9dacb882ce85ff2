package io.ottla.groups;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Changes of who is a member and how. No state. */
final class Memberships {
  private Memberships() {}

  /** The group exists from now on. */
  static void create(Draft draft, long nowMs) {
    if (draft.group().header().isEmpty()) {
      draft.add(new GroupRecord.GroupSet(draft.group().name(), GroupHeader.created(nowMs)));
    }
  }

  /** The member no longer owns these partitions. */
  static Member without(Member member, Iterable<TopicPartition> partitions) {
    Map<TopicPartition, Ownership> owned = new HashMap<>(member.owned());
    partitions.forEach(owned::remove);
    return member.withOwned(new TreeMap<>(owned));
  }

  /** Takes the member out; a group that only it could ever use goes with it. */
  static void remove(Draft draft, String memberId) {
    if (draft.group().name().equals(Group.LONE_PREFIX + memberId)) {
      removeAll(draft);
    } else {
      draft.add(new GroupRecord.MemberRemoved(draft.group().name(), memberId));
    }
  }

  /** Takes the group out, with every member and commit. */
  static void removeAll(Draft draft) {
    Group group = draft.group();
    List<GroupRecord> records = new ArrayList<>();
    group
        .members()
        .keySet()
        .forEach(id -> records.add(new GroupRecord.MemberRemoved(group.name(), id)));
    group
        .offsets()
        .forEach(
            (partition, offset) ->
                records.add(
                    new GroupRecord.OffsetRemoved(group.name(), partition, offset.topic())));
    records.add(new GroupRecord.GroupRemoved(group.name()));
    draft.addAll(records);
  }
}
