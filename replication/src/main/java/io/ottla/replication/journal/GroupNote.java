package io.ottla.replication.journal;

import java.util.Map;
import java.util.OptionalLong;
import org.apache.ratis.server.protocol.TermIndex;

/**
 * What one broker notes of one group. Immutable.
 *
 * @param end the last entry of this broker's own replica that is surely forced; it may have acked
 *     all up to it
 * @param committed the last entry that it knows to be committed: who has less must not lead
 * @param term the newest term that it has seen
 * @param voteSum the {@link VoteFile.Read#sum} of its {@code raft-meta}; empty while none was noted
 * @param members the same as {@code end} for each member, by broker, as far as it was known here
 */
public record GroupNote(
    TermIndex end,
    TermIndex committed,
    long term,
    OptionalLong voteSum,
    Map<Integer, TermIndex> members) {
  /** Nothing acked, nothing known. */
  public static final GroupNote NOTHING =
      new GroupNote(
          TermIndex.INITIAL_VALUE, TermIndex.INITIAL_VALUE, 0, OptionalLong.empty(), Map.of());

  public GroupNote {
    members = Map.copyOf(members);
  }

  /** The same with another end. */
  public GroupNote withEnd(TermIndex other) {
    return new GroupNote(other, committed, term, voteSum, members);
  }

  /** The same with another sum of {@code raft-meta}. */
  public GroupNote withVote(VoteFile.Read read) {
    long newest = Math.max(term, read.term().orElse(0));
    return new GroupNote(end, committed, newest, OptionalLong.of(read.sum()), members);
  }

  /** Whichever comes later in the order of terms, then indexes. */
  public static TermIndex later(TermIndex one, TermIndex other) {
    return one.compareTo(other) >= 0 ? one : other;
  }
}
