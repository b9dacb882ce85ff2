package io.ottla.client;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Clusters, topics, groups and offsets of a deployment, and its health. Every call is one request
 * and waits for the answer; nothing is repeated, and whatever is not answered as hoped is an {@link
 * OttlaException}. A cluster's name may be null where a topic or group is named, if only one
 * cluster can be meant. Thread-safe.
 */
public final class OttlaAdmin implements AutoCloseable {
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);
  private static final int NOT_READY = 503;

  private final Transport transport;
  private final Duration timeout;

  /**
   * An administrator of the server at that address. Nothing is sent before the first call.
   *
   * @param url where the server is, for example {@code http://127.0.0.1:8080}
   */
  public OttlaAdmin(String url) {
    this(url, DEFAULT_TIMEOUT);
  }

  /**
   * An administrator of the server at that address. Nothing is sent before the first call.
   *
   * @param url where the server is
   * @param timeout how long an answer may take; to make a cluster takes seconds
   */
  public OttlaAdmin(String url, Duration timeout) {
    this.transport = new Transport(URI.create(url));
    this.timeout = timeout;
  }

  /**
   * Makes a cluster and waits until it can be used.
   *
   * @param cluster what it shall be
   * @return what it is
   */
  public ClusterDescription createCluster(NewCluster cluster) {
    Map<String, Object> body = new LinkedHashMap<>();
    put(body, "name", cluster.name());
    put(body, "num_brokers", cluster.numBrokers());
    put(body, "partitions", cluster.partitions());
    put(body, "retention_policies", cluster.retentionHours());
    put(body, "log_directory", cluster.logDirectory());
    return ClusterDescription.of(send(Request.post("cluster").json(body)));
  }

  /**
   * All clusters.
   *
   * @return by name, without their topics
   */
  public List<ClusterDescription> listClusters() {
    return send(Request.get("cluster")).objects("clusters", ClusterDescription::of);
  }

  /**
   * One cluster, with its topics.
   *
   * @param cluster the cluster's name
   * @return what it is
   */
  public ClusterDescription describeCluster(String cluster) {
    return ClusterDescription.of(send(Request.get("cluster", cluster)));
  }

  /**
   * Ends a cluster and removes its files.
   *
   * @param cluster the cluster's name
   */
  public void deleteCluster(String cluster) {
    send(Request.delete("cluster", cluster));
  }

  /**
   * Stops a broker; its partitions go on with the others.
   *
   * @param cluster the cluster's name
   * @param broker the broker's number
   * @param mode how
   * @return how it is now; the same if it was stopped before
   */
  public BrokerState stopBroker(String cluster, int broker, BrokerState.StopMode mode) {
    Map<String, Object> body = Map.of("mode", mode.name().toLowerCase(Locale.ROOT));
    return BrokerState.of(send(ofBroker(cluster, broker, "stop").json(body)));
  }

  /**
   * Starts a broker that was stopped.
   *
   * @param cluster the cluster's name
   * @param broker the broker's number
   * @return how it is now; the same if it was running before
   */
  public BrokerState startBroker(String cluster, int broker) {
    return BrokerState.of(send(ofBroker(cluster, broker, "start")));
  }

  private static Request ofBroker(String cluster, int broker, String what) {
    return Request.post("cluster", cluster, "brokers", Integer.toString(broker), what);
  }

  /**
   * Makes a topic and waits until all its partitions can be written.
   *
   * @param topic what it shall be
   * @return what it is
   */
  public TopicDescription createTopic(NewTopic topic) {
    Map<String, Object> body = new LinkedHashMap<>();
    put(body, "name", topic.name());
    put(body, "cluster", topic.cluster());
    put(body, "partitions", topic.partitions());
    put(body, "retention_policies", topic.retentionHours());
    put(body, "retention_bytes", topic.retentionBytes());
    put(body, "segment_bytes", topic.segmentBytes());
    put(body, "compression", topic.compression());
    put(body, "cleanup_policy", topic.cleanupPolicy());
    put(body, "max_record_bytes", topic.maxRecordBytes());
    return TopicDescription.of(send(Request.post("topic").json(body)));
  }

  /**
   * The topics of a cluster, internal ones among them.
   *
   * @param cluster the cluster's name; null: those of all clusters
   * @return by name
   */
  public List<TopicDescription> listTopics(String cluster) {
    return send(Request.get("topic").query("cluster", cluster))
        .objects("topics", TopicDescription::of);
  }

  /**
   * One topic, with its partitions and their replicas.
   *
   * @param cluster the cluster's name; may be null
   * @param topic the topic's name
   * @return what it is
   */
  public TopicDescription describeTopic(String cluster, String topic) {
    return TopicDescription.of(send(Request.get("topic", topic).query("cluster", cluster)));
  }

  /**
   * Changes a topic.
   *
   * @param cluster the cluster's name; may be null
   * @param topic the topic's name
   * @param changes what is to change
   * @return what it is now
   */
  public TopicDescription alterTopic(String cluster, String topic, TopicChanges changes) {
    Map<String, Object> body = new LinkedHashMap<>();
    put(body, "cluster", cluster);
    put(body, "partitions", changes.partitions());
    put(body, "retention_policies", changes.retentionHours());
    put(body, "retention_bytes", changes.retentionBytes());
    put(body, "compression", changes.compression());
    return TopicDescription.of(send(Request.patch("topic", topic).json(body)));
  }

  /**
   * Removes a topic and its records.
   *
   * @param cluster the cluster's name; may be null
   * @param topic the topic's name
   */
  public void deleteTopic(String cluster, String topic) {
    send(Request.delete("topic", topic).query("cluster", cluster));
  }

  /**
   * The consumer groups of a cluster.
   *
   * @param cluster the cluster's name; null: those of all clusters
   * @return by name
   */
  public List<GroupListing> listGroups(String cluster) {
    return send(Request.get("group").query("cluster", cluster)).objects("groups", GroupListing::of);
  }

  /**
   * One group, with its members and how far it is.
   *
   * @param cluster the cluster's name; may be null
   * @param group the group's name
   * @return what it is
   */
  public GroupDescription describeGroup(String cluster, String group) {
    return GroupDescription.of(send(Request.get("group", group).query("cluster", cluster)));
  }

  /**
   * Removes a group that has no active members, and its commits.
   *
   * @param cluster the cluster's name; may be null
   * @param group the group's name
   */
  public void deleteGroup(String cluster, String group) {
    send(Request.delete("group", group).query("cluster", cluster));
  }

  /**
   * How far a group is in a topic.
   *
   * @param cluster the cluster's name; may be null
   * @param group the group's name
   * @param topic the topic's name
   * @return of each partition
   */
  public GroupOffsets groupOffsets(String cluster, String group, String topic) {
    return GroupOffsets.of(
        send(
            Request.get("offset")
                .query("cluster", cluster)
                .query("group", group)
                .query("topic", topic)));
  }

  /**
   * How far a consumer's group is in the consumer's topics.
   *
   * @param consumerId the consumer's number
   * @return of each partition
   */
  public GroupOffsets consumerOffsets(long consumerId) {
    return GroupOffsets.of(send(Request.get("offset").query("consumer_id", consumerId)));
  }

  /**
   * Commits what a consumer was given so far.
   *
   * @param consumerId the consumer's number
   * @return what is committed now
   */
  public CommittedOffsets commitOffsets(long consumerId) {
    return commit(Map.of("consumer_id", consumerId));
  }

  /**
   * Commits exact offsets of partitions that a consumer has.
   *
   * @param consumerId the consumer's number
   * @param offsets the next offset to read of each partition; at least one
   * @return what is committed now
   */
  public CommittedOffsets commitOffsets(long consumerId, Map<TopicPartition, Long> offsets) {
    Map<String, Object> body = new LinkedHashMap<>();
    put(body, "consumer_id", consumerId);
    put(body, "offsets", list(offsets));
    return commit(body);
  }

  /**
   * Sets the commits of a group that has no active members.
   *
   * @param cluster the cluster's name; may be null
   * @param group the group's name; it need not exist
   * @param topic the topic's name
   * @param to {@code earliest}, {@code latest}, milliseconds since 1970 or an ISO time
   * @return what is committed now
   */
  public CommittedOffsets resetOffsets(String cluster, String group, String topic, String to) {
    Map<String, Object> body = ofGroup(cluster, group, topic);
    put(body, "to", Objects.requireNonNull(to, "to"));
    return commit(body);
  }

  /**
   * Sets the commits of some partitions of a group that has no active members.
   *
   * @param cluster the cluster's name; may be null
   * @param group the group's name; it need not exist
   * @param topic the topic's name
   * @param offsets the next offset to read, by partition; at least one
   * @return what is committed now
   */
  public CommittedOffsets resetOffsets(
      String cluster, String group, String topic, Map<Integer, Long> offsets) {
    Map<TopicPartition, Long> ofTopic = new LinkedHashMap<>();
    offsets.forEach((number, offset) -> ofTopic.put(new TopicPartition(topic, number), offset));
    Map<String, Object> body = ofGroup(cluster, group, topic);
    put(body, "offsets", list(ofTopic));
    return commit(body);
  }

  private static Map<String, Object> ofGroup(String cluster, String group, String topic) {
    Map<String, Object> body = new LinkedHashMap<>();
    put(body, "cluster", cluster);
    put(body, "group", group);
    put(body, "topic", topic);
    return body;
  }

  private static List<Map<String, Object>> list(Map<TopicPartition, Long> offsets) {
    List<Map<String, Object>> list = new ArrayList<>();
    offsets.forEach(
        (partition, offset) -> {
          Map<String, Object> one = new LinkedHashMap<>();
          one.put("topic", partition.topic());
          one.put("partition", partition.partition());
          one.put("offset", offset);
          list.add(one);
        });
    return list;
  }

  private CommittedOffsets commit(Map<String, Object> body) {
    return CommittedOffsets.of(send(Request.post("offset").json(body)));
  }

  /**
   * Whether the server answers at all; otherwise there is an exception.
   *
   * @return true
   */
  public boolean isLive() {
    send(Request.get("health", "live"));
    return true;
  }

  /**
   * Whether every group of every cluster has a leader.
   *
   * @return that, or why not
   */
  public Readiness readiness() {
    Response response = transport.send(Request.get("health", "ready").timeout(timeout));
    if (response.status() != NOT_READY) {
      response.orThrow();
      return new Readiness(List.of());
    }
    OttlaException problem = response.failure();
    if (problem.attributes().get("reasons") instanceof List<?> reasons && !reasons.isEmpty()) {
      return new Readiness(reasons.stream().map(String::valueOf).toList());
    }
    return new Readiness(List.of(problem.getMessage()));
  }

  private Fields send(Request request) {
    return Fields.of(transport.send(request.timeout(timeout)).orThrow());
  }

  private static void put(Map<String, Object> body, String name, Object value) {
    if (value != null) {
      body.put(name, value);
    }
  }

  @Override
  public void close() {
    transport.close();
  }
}
