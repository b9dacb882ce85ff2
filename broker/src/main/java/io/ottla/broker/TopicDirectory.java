package io.ottla.broker;

import io.ottla.metadata.Topic;
import java.util.List;
import java.util.Optional;

/** Finds clusters and topics by the names that callers use. Thread-safe. */
public interface TopicDirectory {
  /** A topic and the cluster that has it. */
  record TopicRef(ServingCluster cluster, Topic topic) {}

  /**
   * The cluster of that name, or the only one; {@code CLUSTER_NOT_FOUND}, {@code CLUSTER_REQUIRED}
   * with {@code candidates}, {@code NOT_READY}.
   */
  Answer<ServingCluster> cluster(Optional<String> cluster);

  /**
   * The topic, in the named cluster or the only one that has it; {@code TOPIC_NOT_FOUND} only when
   * that is certain.
   */
  Answer<TopicRef> topic(Optional<String> cluster, String topic);

  /** The cluster that made this consumer or producer id: id / 2^32 is its number. */
  Optional<ServingCluster> clusterOfId(long id);

  /** All clusters, in the order of their numbers. */
  List<ServingCluster> clusters();
}
