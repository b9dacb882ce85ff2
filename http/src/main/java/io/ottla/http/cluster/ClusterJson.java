package io.ottla.http.cluster;

import io.ottla.broker.ClusterDescription;
import io.ottla.broker.ClusterDescription.BrokerDescription;
import io.ottla.broker.NotServed;
import io.ottla.broker.TopicDescription;
import io.ottla.broker.identity.SetAsideDirectory;
import io.ottla.http.json.JsonBuffer;
import io.ottla.http.topic.TopicJson;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** Clusters and brokers as the contract's JSON. */
final class ClusterJson {
  private ClusterJson() {}

  static void write(JsonBuffer out, ClusterDescription cluster) {
    out.raw("{\"cluster_id\":").string(cluster.clusterId().toString());
    out.raw(",\"name\":").string(cluster.name());
    out.raw(",\"num_brokers\":").number(cluster.brokers().size());
    out.raw(",\"replication_factor\":").number(cluster.replicationFactor());
    out.raw(",\"tolerated_failures\":").number(cluster.toleratedFailures());
    out.raw(",\"log_directory\":").string(cluster.logDirectory());
    out.raw(",\"partitions\":").number(cluster.partitions());
    out.raw(",\"retention_policies\":").number(cluster.retentionHours());
    out.raw(",\"brokers\":[");
    List<BrokerDescription> brokers = cluster.brokers();
    for (int i = 0; i < brokers.size(); i++) {
      out.raw(i > 0 ? "," : "");
      write(out, brokers.get(i));
    }
    out.raw("],\"created_at\":").string(Instant.ofEpochMilli(cluster.createdAtMs()).toString());
    cluster.setAside().ifPresent(setAside -> writeSetAside(out, setAside));
    cluster.topics().ifPresent(topics -> writeTopics(out, topics));
    out.raw('}');
  }

  private static void write(JsonBuffer out, BrokerDescription broker) {
    out.raw("{\"id\":").number(broker.id());
    out.raw(",\"host\":").string(broker.host());
    out.raw(",\"port\":").number(broker.port());
    out.raw(",\"state\":").string(state(broker));
    out.raw(",\"directory\":").string(broker.directory());
    broker.reason().ifPresent(reason -> out.raw(",\"reason\":").string(reason));
    out.raw('}');
  }

  private static void writeSetAside(JsonBuffer out, List<SetAsideDirectory> directories) {
    out.raw(",\"set_aside\":[");
    for (int i = 0; i < directories.size(); i++) {
      SetAsideDirectory each = directories.get(i);
      out.raw(i > 0 ? ",{\"path\":" : "{\"path\":").string(each.path().toString());
      out.raw(",\"since\":").string(each.since().toString());
      out.raw(",\"size_bytes\":").number(each.sizeBytes());
      out.raw(",\"reason\":").string(each.reason()).raw('}');
    }
    out.raw(']');
  }

  /** A cluster that lies there and is not served. */
  static void write(JsonBuffer out, NotServed cluster) {
    out.raw("{\"log_directory\":").string(cluster.logDirectory());
    cluster.name().ifPresent(name -> out.raw(",\"name\":").string(name));
    out.raw(",\"state\":").string(cluster.state().name().toLowerCase(Locale.ROOT));
    out.raw(",\"reason\":").string(cluster.reason()).raw('}');
  }

  static String state(BrokerDescription broker) {
    return broker.state().name().toLowerCase(Locale.ROOT);
  }

  private static void writeTopics(JsonBuffer out, List<TopicDescription> topics) {
    out.raw(",\"topics\":[");
    for (int i = 0; i < topics.size(); i++) {
      out.raw(i > 0 ? ",{\"name\":" : "{\"name\":").string(topics.get(i).name());
      out.raw(",\"partitions\":");
      TopicJson.writePartitions(out, topics.get(i), false);
      out.raw('}');
    }
    out.raw(']');
  }
}
