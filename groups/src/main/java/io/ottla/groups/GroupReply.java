package io.ottla.groups;

import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** What the coordinator grants. Immutable. */
public sealed interface GroupReply {
  /**
   * Where a member stands.
   *
   * @param assigned what it owns and reads
   * @param revoking what it owns and must let go
   */
  record Membership(
      int generation,
      SortedMap<TopicPartition, Ownership> assigned,
      SortedMap<TopicPartition, Ownership> revoking)
      implements GroupReply {

    /** Where the member of a group of that generation stands. */
    public static Membership of(int generation, Member member) {
      SortedMap<TopicPartition, Ownership> assigned = new TreeMap<>();
      SortedMap<TopicPartition, Ownership> revoking = new TreeMap<>();
      member.owned().forEach((p, o) -> (o.revoking() ? revoking : assigned).put(p, o));
      return new Membership(generation, assigned, revoking);
    }
  }

  /**
   * What a poll may read now.
   *
   * @param pollId which poll of the member; a newer one has a higher one
   * @param positions where to read, of each assigned partition that has a position
   * @param starts the other assigned partitions: their first offset is to be looked up and told by
   *     {@link GroupCoordinator#started}
   */
  record PollPlan(
      String group,
      String memberId,
      long pollId,
      Membership membership,
      SortedMap<TopicPartition, Long> positions,
      SortedMap<TopicPartition, StartFrom> starts)
      implements GroupReply {}

  /**
   * A poll's end.
   *
   * @param accepted the partitions whose events may be answered; the others are another's by now
   * @param cursor where the member is after this answer
   */
  record Delivered(Membership membership, Set<TopicPartition> accepted, Cursor cursor)
      implements GroupReply {}

  /** The commits after a commit. */
  record Committed(SortedMap<TopicPartition, CommittedOffset> offsets) implements GroupReply {}

  /** It is done. */
  record Done() implements GroupReply {}

  /** Members that are none any more, silent for too long or gone with their group. */
  record Forgotten(List<MemberName> members) implements GroupReply {}

  /** A member of a group. */
  record MemberName(String group, String memberId) {}
}
