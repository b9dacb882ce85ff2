package io.ottla.client;

import java.util.List;

/**
 * A topic as the server tells of it. Immutable.
 *
 * @param topicId unique for ever: a topic made again under the same name has another
 * @param name unique in its cluster
 * @param cluster the cluster's name
 * @param internal whether it is the server's own, which nobody else writes
 * @param retentionHours how long records stay; -1 for ever
 * @param retentionBytes how many bytes of a partition stay; -1 for all
 * @param segmentBytes how large a file of a partition gets
 * @param compression how records are compressed
 * @param cleanupPolicy {@code delete} or {@code compact}
 * @param maxRecordBytes how large a record may be
 * @param createdAt in ISO's format
 * @param partitions by number
 * @param json the server's own document
 */
public record TopicDescription(
    String topicId,
    String name,
    String cluster,
    boolean internal,
    double retentionHours,
    long retentionBytes,
    long segmentBytes,
    String compression,
    String cleanupPolicy,
    int maxRecordBytes,
    String createdAt,
    List<PartitionDescription> partitions,
    String json) {

  static TopicDescription of(Fields fields) {
    return new TopicDescription(
        fields.text("topic_id"),
        fields.text("name"),
        fields.text("cluster"),
        fields.flag("internal"),
        fields.decimal("retention_policies"),
        fields.number("retention_bytes"),
        fields.number("segment_bytes"),
        fields.text("compression"),
        fields.text("cleanup_policy"),
        fields.integer("max_record_bytes"),
        fields.text("created_at"),
        fields.objects("partitions", PartitionDescription::of),
        fields.json());
  }
}
