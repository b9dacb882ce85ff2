package io.ottla.http.topic;

import io.ottla.broker.TopicDescription;
import io.ottla.broker.TopicDescription.PartitionDescription;
import io.ottla.broker.TopicDescription.ReplicaDescription;
import io.ottla.http.json.JsonBuffer;
import io.ottla.metadata.TopicConfig;
import java.time.Instant;
import java.util.List;

/** Topics and partitions as the contract's JSON. */
public final class TopicJson {
  private TopicJson() {}

  /** A topic with its partitions. */
  static void write(JsonBuffer out, TopicDescription topic) {
    TopicConfig config = topic.config();
    out.raw("{\"topic_id\":").string(topic.topicId().toString());
    out.raw(",\"name\":").string(topic.name());
    out.raw(",\"cluster\":").string(topic.cluster());
    out.raw(topic.internal() ? ",\"internal\":true" : ",\"internal\":false");
    out.raw(",\"num_partitions\":").number(topic.partitions().size());
    out.raw(",\"retention_policies\":").number(config.retentionHours());
    out.raw(",\"retention_bytes\":").number(config.retentionBytes());
    out.raw(",\"segment_bytes\":").number(config.segmentBytes());
    out.raw(",\"compression\":").string(config.compression());
    out.raw(",\"cleanup_policy\":").string(config.cleanupPolicy());
    out.raw(",\"max_record_bytes\":").number(config.maxRecordBytes());
    out.raw(",\"created_at\":").string(Instant.ofEpochMilli(topic.createdAtMs()).toString());
    out.raw(",\"partitions\":");
    writePartitions(out, topic, true);
    out.raw('}');
  }

  /**
   * The list of a topic's partitions.
   *
   * @param details whether each replica is shown with its directory and size
   */
  public static void writePartitions(JsonBuffer out, TopicDescription topic, boolean details) {
    out.raw('[');
    List<PartitionDescription> partitions = topic.partitions();
    for (int i = 0; i < partitions.size(); i++) {
      out.raw(i > 0 ? "," : "");
      write(out, partitions.get(i), details);
    }
    out.raw(']');
  }

  private static void write(JsonBuffer out, PartitionDescription partition, boolean details) {
    out.raw("{\"partition\":").number(partition.partition());
    out.raw(",\"leader\":");
    if (partition.leader().isPresent()) {
      out.number(partition.leader().getAsInt());
    } else {
      out.raw("null");
    }
    out.raw(",\"replicas\":[");
    for (int i = 0; i < partition.replicas().size(); i++) {
      out.raw(i > 0 ? "," : "").number(partition.replicas().get(i));
    }
    out.raw("],\"start_offset\":").number(partition.startOffset());
    out.raw(",\"end_offset\":").number(partition.endOffset());
    if (details) {
      out.raw(",\"replica_details\":[");
      List<ReplicaDescription> replicas = partition.replicaDetails();
      for (int i = 0; i < replicas.size(); i++) {
        out.raw(i > 0 ? "," : "");
        write(out, replicas.get(i));
      }
      out.raw(']');
    }
    out.raw('}');
  }

  private static void write(JsonBuffer out, ReplicaDescription replica) {
    out.raw("{\"broker\":").number(replica.broker());
    out.raw(",\"directory\":").string(replica.directory());
    out.raw(",\"start_offset\":").number(replica.startOffset());
    out.raw(",\"end_offset\":").number(replica.endOffset());
    out.raw(",\"size_bytes\":").number(replica.sizeBytes()).raw('}');
  }
}
