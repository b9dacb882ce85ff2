package io.ottla.client;

import java.util.List;

/**
 * A consumer group as the server tells of it. Immutable.
 *
 * @param group unique in its cluster
 * @param cluster the cluster's name
 * @param state {@code stable}, {@code empty} and the like
 * @param generation grows with every change of who owns what
 * @param members who is in it
 * @param partitions how far it is
 * @param lag of all partitions together; null if that is not known
 * @param offsetsTopic the topic that holds its commits
 * @param offsetsPartition the partition of that topic
 * @param json the server's own document
 */
public record GroupDescription(
    String group,
    String cluster,
    String state,
    long generation,
    List<Member> members,
    List<PartitionProgress> partitions,
    Long lag,
    String offsetsTopic,
    int offsetsPartition,
    String json) {

  /**
   * One of a group's consumers. Immutable.
   *
   * @param consumerId its number
   * @param active whether its session goes on
   * @param assignment the partitions that it has
   */
  public record Member(long consumerId, boolean active, List<TopicPartition> assignment) {
    private static Member of(Fields fields) {
      return new Member(
          fields.number("consumer_id"),
          fields.flag("active"),
          fields.objects(
              "assignment",
              one -> new TopicPartition(one.text("topic"), one.integer("partition"))));
    }
  }

  static GroupDescription of(Fields fields) {
    return new GroupDescription(
        fields.text("group"),
        fields.text("cluster"),
        fields.text("state"),
        fields.number("generation"),
        fields.objects("members", Member::of),
        fields.objects("partitions", PartitionProgress::of),
        fields.optionalNumber("lag"),
        fields.text("offsets_topic"),
        fields.integer("offsets_partition"),
        fields.json());
  }
}
