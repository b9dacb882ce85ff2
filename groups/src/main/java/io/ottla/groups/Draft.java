package io.ottla.groups;

import java.util.ArrayList;
import java.util.List;

/**
 * A decision in the making: the group as it will be, and the records that make it so. One owner at
 * a time.
 */
final class Draft {
  private final List<GroupRecord> records = new ArrayList<>();
  private Group group;

  Draft(Group group) {
    this.group = group;
  }

  Group group() {
    return group;
  }

  List<GroupRecord> records() {
    return records;
  }

  Draft add(GroupRecord record) {
    return addAll(List.of(record));
  }

  Draft addAll(List<GroupRecord> more) {
    if (!more.isEmpty()) {
      group = group.with(more);
      records.addAll(more);
    }
    return this;
  }

  void put(Member member) {
    add(new GroupRecord.MemberSet(group.name(), member));
  }
}
