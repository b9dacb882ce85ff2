package io.ottla.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ottla.testkit.FakeServer;
import io.ottla.testkit.FakeServer.Received;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OttlaAdminTest {
  private static final String CLUSTER =
      """
      {"cluster_id":"id1","name":"c1","num_brokers":1,"replication_factor":1,\
      "tolerated_failures":0,"log_directory":"c1","partitions":3,"retention_policies":0.5,\
      "brokers":[{"id":1,"host":"h","port":8080,"state":"running","directory":"c1/broker-1"}],\
      "created_at":"2026-01-01T00:00:00Z","new_field":[1,{"a":null}]}\
      """;
  private static final String TOPIC =
      """
      {"topic_id":"id2","name":"liked","cluster":"c1","internal":false,"num_partitions":1,\
      "retention_policies":168,"retention_bytes":-1,"segment_bytes":134217728,\
      "compression":"lz4","cleanup_policy":"delete","max_record_bytes":1048576,\
      "created_at":"2026-01-01T00:00:00Z","partitions":[{"partition":0,"leader":null,\
      "replicas":[2,1],"start_offset":3,"end_offset":9,"replica_details":[{"broker":2,\
      "directory":"d","start_offset":3,"end_offset":8,"size_bytes":77}]}]}\
      """;
  private static final String GROUP =
      """
      {"group":"g1","cluster":"c1","state":"stable","generation":4,"protocol":"ottla",\
      "members":[{"member_id":"7","consumer_id":7,"active":true,"topics":["liked"],\
      "assignment":[{"topic":"liked","partition":0}],"revoking":[]}],\
      "partitions":[{"topic":"liked","partition":0,"owner":7,"position":5,"committed":null,\
      "end_offset":9,"lag":9}],"lag":9,"offsets_topic":"__consumer_offsets",\
      "offsets_partition":2}\
      """;
  private static final String COMMITTED =
      "{\"group\":\"g1\",\"committed\":[{\"topic\":\"liked\",\"partition\":0,\"offset\":5}]}";

  private FakeServer server;
  private OttlaAdmin admin;

  @BeforeEach
  void start() throws IOException {
    server = FakeServer.start();
    admin = new OttlaAdmin(server.url().toString());
  }

  @AfterEach
  void stop() {
    admin.close();
    server.close();
  }

  @Test
  void aClusterIsMadeWithWhatIsGivenOnly() {
    server.answer("POST /cluster", 201, CLUSTER);

    ClusterDescription cluster = admin.createCluster(new NewCluster("c1", 1, null, 0.5, null));

    assertThat(body()).isEqualTo("{\"name\":\"c1\",\"num_brokers\":1,\"retention_policies\":0.5}");
    assertThat(cluster.clusterId()).isEqualTo("id1");
    assertThat(cluster.retentionHours()).isEqualTo(0.5);
    assertThat(cluster.brokers())
        .containsExactly(new ClusterDescription.Broker(1, "h", 8080, "running", "c1/broker-1"));
  }

  @Test
  void aDescriptionKeepsTheServersDocumentWithFieldsThatItDoesNotKnow() {
    server.answer("GET /cluster", 200, "{\"clusters\":[" + CLUSTER + "]}");

    assertThat(admin.listClusters()).singleElement().extracting("json").isEqualTo(CLUSTER);
  }

  @Test
  void aClusterIsDescribedWithItsTopics() {
    String topics =
        ",\"topics\":[{\"name\":\"liked\",\"partitions\":[{\"partition\":0,\"leader\":2,"
            + "\"replicas\":[2],\"start_offset\":0,\"end_offset\":1}]}]}";
    server.answer("GET /cluster/c1", 200, CLUSTER.substring(0, CLUSTER.length() - 1) + topics);

    ClusterDescription cluster = admin.describeCluster("c1");

    assertThat(cluster.topics())
        .containsExactly(
            new ClusterDescription.Topic(
                "liked", List.of(new PartitionDescription(0, 2, List.of(2), 0, 1, List.of()))));
  }

  @Test
  void aClusterIsDeleted() {
    server.answer("DELETE /cluster/c1", 204, "");

    admin.deleteCluster("c1");

    assertThat(server.requests()).containsExactly("DELETE /cluster/c1");
  }

  @Test
  void brokersAreStoppedCleanlyOrNotAndStarted() {
    server.answer("POST /cluster/c1/brokers/2/stop", 200, "{\"id\":2,\"state\":\"stopped\"}");
    server.answer("POST /cluster/c1/brokers/2/start", 200, "{\"id\":2,\"state\":\"running\"}");

    BrokerState clean = admin.stopBroker("c1", 2, BrokerState.StopMode.CLEAN);
    admin.stopBroker("c1", 2, BrokerState.StopMode.CRASH);
    BrokerState started = admin.startBroker("c1", 2);

    assertThat(server.received())
        .extracting(Received::body)
        .containsExactly("{\"mode\":\"clean\"}", "{\"mode\":\"crash\"}", "");
    assertThat(clean.state()).isEqualTo("stopped");
    assertThat(started.state()).isEqualTo("running");
  }

  @Test
  void aTopicIsMadeWithEverythingThatIsGiven() {
    server.answer("POST /topic", 201, TOPIC);

    admin.createTopic(new NewTopic("liked", "c1", 3, -1.0, 1L, 2L, "zstd", "compact", 4));

    assertThat(body())
        .isEqualTo(
            """
            {"name":"liked","cluster":"c1","partitions":3,"retention_policies":-1.0,\
            "retention_bytes":1,"segment_bytes":2,"compression":"zstd",\
            "cleanup_policy":"compact","max_record_bytes":4}\
            """);
  }

  @Test
  void topicsAreListed() {
    server.answer("GET /topic", 200, "{\"topics\":[" + TOPIC + "]}");
    server.answer("GET /topic?cluster=c1", 200, "{\"topics\":[]}");

    assertThat(admin.listTopics(null)).extracting(TopicDescription::name).containsExactly("liked");
    assertThat(admin.listTopics("c1")).isEmpty();
  }

  @Test
  void aTopicIsDescribedWithPartitionsThatMayLackALeader() {
    server.answer("GET /topic/liked?cluster=c%201", 200, TOPIC);

    TopicDescription topic = admin.describeTopic("c 1", "liked");

    assertThat(topic.partitions())
        .containsExactly(
            new PartitionDescription(
                0,
                null,
                List.of(2, 1),
                3,
                9,
                List.of(new PartitionDescription.Replica(2, "d", 3, 8, 77))));
    assertThat(topic.json()).isEqualTo(TOPIC);
  }

  @Test
  void aTopicIsAltered() {
    server.answer("PATCH /topic/liked", 200, TOPIC);

    admin.alterTopic("c1", "liked", new TopicChanges(6, null, 1000L, "none"));

    assertThat(body())
        .isEqualTo(
            "{\"cluster\":\"c1\",\"partitions\":6,\"retention_bytes\":1000,"
                + "\"compression\":\"none\"}");
  }

  @Test
  void aTopicIsDeleted() {
    server.answer("DELETE /topic/liked?cluster=c1", 204, "");

    admin.deleteTopic("c1", "liked");

    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void groupsAreListedDescribedAndDeleted() {
    server.answer(
        "GET /group",
        200,
        "{\"groups\":[{\"group\":\"g1\",\"cluster\":\"c1\",\"state\":\"stable\","
            + "\"generation\":4,\"members\":1}]}");
    server.answer("GET /group/g1?cluster=c1", 200, GROUP);
    server.answer("DELETE /group/g1", 204, "");

    List<GroupListing> groups = admin.listGroups(null);
    GroupDescription group = admin.describeGroup("c1", "g1");
    admin.deleteGroup(null, "g1");

    assertThat(groups).extracting(GroupListing::members).containsExactly(1);
    assertThat(group.members())
        .containsExactly(
            new GroupDescription.Member(7, true, List.of(new TopicPartition("liked", 0))));
    assertThat(group.partitions())
        .containsExactly(new PartitionProgress("liked", 0, 7L, 5L, null, 9L, 9L));
  }

  @Test
  void offsetsAreShownOfAGroupAndOfAConsumer() {
    String document =
        "{\"group\":\"g1\",\"partitions\":[{\"topic\":\"liked\",\"partition\":0,"
            + "\"position\":null,\"committed\":5,\"end_offset\":9,\"lag\":4}]}";
    server.answer("GET /offset?cluster=c1&group=g1&topic=liked", 200, document);
    server.answer("GET /offset?consumer_id=7", 200, document);

    GroupOffsets ofGroup = admin.groupOffsets("c1", "g1", "liked");

    assertThat(ofGroup.partitions())
        .containsExactly(new PartitionProgress("liked", 0, null, null, 5L, 9L, 4L));
    assertThat(admin.consumerOffsets(7)).isEqualTo(ofGroup);
  }

  @Test
  void offsetsAreCommittedAsGivenOrExactly() {
    server.answer("POST /offset", 200, COMMITTED);

    admin.commitOffsets(7);
    CommittedOffsets committed = admin.commitOffsets(7, Map.of(new TopicPartition("liked", 0), 5L));

    assertThat(server.received().get(0).body()).isEqualTo("{\"consumer_id\":7}");
    assertThat(server.received().get(1).body())
        .isEqualTo(
            "{\"consumer_id\":7,\"offsets\":[{\"topic\":\"liked\",\"partition\":0,\"offset\":5}]}");
    assertThat(committed.offsets()).isEqualTo(Map.of(new TopicPartition("liked", 0), 5L));
  }

  @Test
  void aGroupIsResetToAPlaceOrToExactOffsets() {
    server.answer("POST /offset", 200, COMMITTED);

    admin.resetOffsets(null, "g1", "liked", "earliest");
    admin.resetOffsets("c1", "g1", "liked", Map.of(2, 6L));

    assertThat(server.received().get(0).body())
        .isEqualTo("{\"group\":\"g1\",\"topic\":\"liked\",\"to\":\"earliest\"}");
    assertThat(server.received().get(1).body())
        .isEqualTo(
            "{\"cluster\":\"c1\",\"group\":\"g1\",\"topic\":\"liked\","
                + "\"offsets\":[{\"topic\":\"liked\",\"partition\":2,\"offset\":6}]}");
  }

  @Test
  void aServerThatIsNotReadySaysWhy() {
    server.answer("GET /health/live", 200, "{\"status\":\"live\"}");
    server.answer("GET /health/ready", 503, "{\"code\":\"not_ready\",\"reasons\":[\"a\",\"b\"]}");
    server.answer("GET /health/ready", 200, "{\"status\":\"ready\"}");

    assertThat(admin.isLive()).isTrue();
    assertThat(admin.readiness().reasons()).containsExactly("a", "b");
    assertThat(admin.readiness().isReady()).isTrue();
  }

  @Test
  void aProblemIsAnExceptionWithItsCode() {
    server.answer(
        "GET /topic/nope",
        404,
        "{\"status\":404,\"code\":\"topic_not_found\",\"detail\":\"there is no topic nope\"}");

    assertThatThrownBy(() -> admin.describeTopic(null, "nope"))
        .isInstanceOf(OttlaException.class)
        .hasMessage("there is no topic nope")
        .hasFieldOrPropertyWithValue("code", "topic_not_found")
        .hasFieldOrPropertyWithValue("status", 404);
  }

  @Test
  void anAnswerThatLacksAFieldIsAnExceptionThatNamesIt() {
    server.answer("POST /offset", 200, "{\"committed\":[]}");

    assertThatThrownBy(() -> admin.commitOffsets(7))
        .isInstanceOf(OttlaException.class)
        .hasMessageContaining("\"group\"")
        .hasFieldOrPropertyWithValue("code", "bad_answer");
  }

  private String body() {
    assertThat(server.received()).hasSize(1);
    return server.received().getFirst().body();
  }
}
