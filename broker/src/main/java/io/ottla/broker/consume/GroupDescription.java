package io.ottla.broker.consume;

import io.ottla.broker.consume.OffsetsResult.PartitionProgress;
import java.util.List;
import java.util.OptionalLong;

/**
 * A consumer group as its users see it. Immutable.
 *
 * @param lag the sum over its partitions
 * @param offsetsPartition its partition of {@code __consumer_offsets}
 */
public record GroupDescription(
    Summary summary,
    String protocol,
    List<MemberDescription> members,
    List<OwnedPartition> partitions,
    long lag,
    int offsetsPartition) {

  /**
   * What a list of groups shows of each.
   *
   * @param members how many, active or not
   */
  public record Summary(
      String group, String cluster, GroupState state, int generation, int members) {}

  /**
   * A member.
   *
   * @param consumerId empty when it is no consumer of ours
   */
  public record MemberDescription(
      String memberId,
      OptionalLong consumerId,
      boolean active,
      ConsumerSettings settings,
      List<PollResult.TopicPartition> assignment,
      List<PollResult.TopicPartition> revoking) {}

  /**
   * A partition.
   *
   * @param owner the consumer id of the member that has it; empty if none has
   */
  public record OwnedPartition(PartitionProgress progress, OptionalLong owner) {}
}
