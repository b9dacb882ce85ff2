package io.ottla.groups;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * One record of {@code __consumer_offsets}: the only thing that changes a group. Later records
 * replace earlier ones of the same key, a {@code …Removed} is a tombstone. {@link GroupRecordJson}
 * has the bytes. Immutable.
 */
public sealed interface GroupRecord {
  /** The name of the group that it changes; empty for {@link Unknown}. */
  String group();

  /** The group's own state. */
  record GroupSet(String group, GroupHeader header) implements GroupRecord {}

  /** The group's own state is gone; its members and offsets have tombstones of their own. */
  record GroupRemoved(String group) implements GroupRecord {}

  /** A member's whole state. */
  record MemberSet(String group, Member member) implements GroupRecord {}

  /** The member has left or was forgotten. */
  record MemberRemoved(String group, String memberId) implements GroupRecord {}

  /** A commit. */
  record OffsetSet(String group, TopicPartition partition, CommittedOffset offset)
      implements GroupRecord {}

  /**
   * The commit is gone, with its topic or its group.
   *
   * @param topic the topic's name as the commit's key has it
   */
  record OffsetRemoved(String group, TopicPartition partition, String topic)
      implements GroupRecord {}

  /** A record of a type that only a newer version knows; kept byte for byte. */
  record Unknown(ByteBuffer key, Optional<ByteBuffer> value) implements GroupRecord {
    @Override
    public String group() {
      return "";
    }
  }
}
