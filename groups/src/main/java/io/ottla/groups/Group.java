package io.ottla.groups;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A consumer group: what its records, applied in order, amount to. Immutable.
 *
 * @param header empty if only commits or members of it are known
 * @param members by id
 * @param offsets its commits
 */
public record Group(
    String name,
    Optional<GroupHeader> header,
    SortedMap<String, Member> members,
    SortedMap<TopicPartition, CommittedOffset> offsets) {
  /** The group of a consumer that named none is this and its id: nobody else's, ever. */
  public static final String LONE_PREFIX = "consumer-";

  public Group {
    members = Frozen.of(members);
    offsets = Frozen.of(offsets);
  }

  /** The group that no record speaks of. */
  public static Group empty(String name) {
    return new Group(name, Optional.empty(), new TreeMap<>(), new TreeMap<>());
  }

  /** Whether nothing is left of it. */
  public boolean isEmpty() {
    return header.isEmpty() && members.isEmpty() && offsets.isEmpty();
  }

  public int generation() {
    return header.map(GroupHeader::generation).orElse(0);
  }

  public Optional<Member> member(String id) {
    return Optional.ofNullable(members.get(id));
  }

  public Optional<CommittedOffset> offset(TopicPartition partition) {
    return Optional.ofNullable(offsets.get(partition));
  }

  public boolean hasActiveMembers() {
    return members.values().stream().anyMatch(Member::active);
  }

  /** The group after one more record. */
  public Group with(GroupRecord record) {
    return with(List.of(record));
  }

  /** The group after more records, in their order; those of other groups change nothing. */
  public Group with(List<? extends GroupRecord> records) {
    Optional<GroupHeader> newHeader = header;
    SortedMap<String, Member> newMembers = members;
    SortedMap<TopicPartition, CommittedOffset> newOffsets = offsets;
    for (GroupRecord record : records) {
      if (!record.group().equals(name)) {
        continue;
      }
      switch (record) {
        case GroupRecord.GroupSet set -> newHeader = Optional.of(set.header());
        case GroupRecord.GroupRemoved _ -> newHeader = Optional.empty();
        case GroupRecord.MemberSet set -> {
          newMembers = own(newMembers, members);
          newMembers.put(set.member().id(), set.member());
        }
        case GroupRecord.MemberRemoved removed -> {
          newMembers = own(newMembers, members);
          newMembers.remove(removed.memberId());
        }
        case GroupRecord.OffsetSet set -> {
          newOffsets = own(newOffsets, offsets);
          newOffsets.put(set.partition(), set.offset());
        }
        case GroupRecord.OffsetRemoved removed -> {
          newOffsets = own(newOffsets, offsets);
          newOffsets.remove(removed.partition());
        }
        case GroupRecord.Unknown _ -> {}
      }
    }
    return new Group(name, newHeader, newMembers, newOffsets);
  }

  /** A copy to change, made once per call of {@link #with(List)}: identity is what tells. */
  @SuppressWarnings("ReferenceEquality")
  private static <K, V> SortedMap<K, V> own(SortedMap<K, V> current, SortedMap<K, V> shared) {
    return current == shared ? new TreeMap<>(shared) : current;
  }
}
