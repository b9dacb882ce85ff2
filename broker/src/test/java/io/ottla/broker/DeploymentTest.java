package io.ottla.broker;

import static io.ottla.broker.TestDeployment.refusal;
import static io.ottla.broker.TestDeployment.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ottla.broker.ClusterDescription.BrokerState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.CONCURRENT)
class DeploymentTest {
  @TempDir Path data;

  @Test
  void aClusterCanBeUsedAsSoonAsItsCreationIsAnswered() throws IOException {
    try (var deployment = TestDeployment.open(data)) {
      ClusterDescription cluster = deployment.createCluster("c1", 3);

      TopicDescription topic = deployment.createTopic("liked", 3);

      assertThat(cluster.brokers())
          .extracting(ClusterDescription.BrokerDescription::id)
          .containsExactly(1, 2, 3);
      assertThat(cluster.brokers()).allMatch(broker -> broker.state() == BrokerState.RUNNING);
      assertThat(cluster.replicationFactor()).isEqualTo(3);
      assertThat(cluster.toleratedFailures()).isEqualTo(1);
      assertThat(topic.partitions()).hasSize(3);
      assertThat(topic.partitions()).allMatch(partition -> partition.leader().isPresent());
      assertThat(topic.partitions()).allMatch(partition -> partition.replicas().size() == 3);
    }
  }

  @Test
  void theLeadersOfATopicAreSpreadOverTheBrokers() throws IOException {
    try (var deployment = TestDeployment.open(data)) {
      deployment.createCluster("c1", 3);

      TopicDescription topic = deployment.createTopic("liked", 3);

      Set<Integer> preferred = new HashSet<>();
      topic.partitions().forEach(partition -> preferred.add(partition.replicas().getFirst()));
      assertThat(preferred).containsExactlyInAnyOrder(1, 2, 3);
    }
  }

  @Test
  void whatWasCreatedIsThereAfterAReopening() throws IOException {
    TopicDescription before;
    try (var deployment = TestDeployment.open(data)) {
      deployment.createCluster("c1", 3);
      before = deployment.createTopic("liked", 4);
    }

    try (var deployment = TestDeployment.open(data)) {
      deployment.awaitReady();
      TopicDescription after =
          value(new DescribeTopics(deployment.deployment()).one(Optional.empty(), "liked"));

      assertThat(after.topicId()).isEqualTo(before.topicId());
      assertThat(after.partitions()).hasSize(4);
    }
  }

  @Test
  void aClustersNumberIsNeverUsedAgain() throws IOException {
    try (var deployment = TestDeployment.open(data)) {
      deployment.createCluster("c1", 1);
      value(new DeleteCluster(deployment.deployment()).delete("c1"));
      assertThat(data.resolve("c1")).doesNotExist();
    }

    try (var deployment = TestDeployment.open(data)) {
      deployment.createCluster("c1", 1);

      assertThat(deployment.deployment().all())
          .extracting(c -> c.identity().number())
          .containsExactly(1);
    }
  }

  @Test
  void aSecondClusterOfThatNameOrDirectoryIsRefusedAndNothingIsCreated() throws IOException {
    try (var deployment = TestDeployment.open(data)) {
      deployment.createCluster("c1", 1);
      var create = new CreateCluster(deployment.deployment());

      assertThat(refusal(create.create(TestDeployment.clusterRequest("c1", 1))).code())
          .isEqualTo(RefusalCode.CLUSTER_EXISTS);
      for (String directory : List.of("c1", "c1/inner")) {
        var request =
            new CreateCluster.Request(
                "c2",
                OptionalInt.of(1),
                Optional.of(directory),
                OptionalInt.empty(),
                OptionalDouble.empty());
        assertThat(refusal(create.create(request)).code())
            .isEqualTo(RefusalCode.LOG_DIRECTORY_IN_USE);
      }

      assertThat(deployment.deployment().all()).hasSize(1);
      assertThat(data.resolve("c1/inner")).doesNotExist();
    }
  }

  @Test
  void aDirectoryThatHoldsSomethingElseIsNotTouched() throws IOException {
    Files.createDirectories(data.resolve("photos"));
    Files.writeString(data.resolve("photos/cat.txt"), "cat");
    try (var deployment = TestDeployment.open(data)) {
      Refusal refusal =
          refusal(
              new CreateCluster(deployment.deployment())
                  .create(TestDeployment.clusterRequest("photos", 1)));

      assertThat(refusal.code()).isEqualTo(RefusalCode.LOG_DIRECTORY_IN_USE);
      assertThat(data.resolve("photos/cat.txt")).hasContent("cat");
    }
  }

  @Test
  void moreClustersThanThereIsMemoryForAreRefused() throws IOException {
    var small = TestDeployment.config(data);
    var settings =
        new BrokerSettings(
            small.settings().replication(), 12, 50, Duration.ofMillis(50), Duration.ofMillis(50));
    try (var deployment =
        Deployment.open(
            new Deployment.Config(
                small.dataDirectories(),
                "127.0.0.1",
                8080,
                small.disk(),
                small.clock(),
                settings))) {
      var create = new CreateCluster(deployment);
      value(create.create(TestDeployment.clusterRequest("c1", 1)));

      Refusal refusal = refusal(create.create(TestDeployment.clusterRequest("c2", 3)));

      assertThat(refusal.code()).isEqualTo(RefusalCode.TOO_MANY_CLUSTERS);
      assertThat(data.resolve("c2")).doesNotExist();
    }
  }

  @Test
  void aSecondDeploymentOverTheSameDirectoryIsKeptOut() throws IOException {
    try (var deployment = TestDeployment.open(data)) {
      deployment.createCluster("c1", 1);

      assertThatThrownBy(() -> TestDeployment.open(data)).hasMessageContaining("in use");
      deployment.createTopic("still-works", 1);
    }
  }

  @Test
  void aTopicMadeAgainUnderItsNameIsANewOne() throws IOException {
    try (var deployment = TestDeployment.open(data)) {
      deployment.createCluster("c1", 3);
      TopicDescription first = deployment.createTopic("liked", 2);

      value(new DeleteTopic(deployment.deployment()).delete(Optional.empty(), "liked"));
      TopicDescription second = deployment.createTopic("liked", 3);

      assertThat(second.topicId()).isNotEqualTo(first.topicId());
      assertThat(second.partitions()).hasSize(3);
    }
  }

  @Test
  void badTopicsAreRefusedAndNothingIsCreated() throws IOException {
    try (var deployment = TestDeployment.open(data)) {
      deployment.createCluster("c1", 1);
      deployment.createTopic("liked", 1);
      var create = new CreateTopic(deployment.deployment());

      assertThat(refusal(create.create(TestDeployment.topicRequest("liked", 1))).code())
          .isEqualTo(RefusalCode.TOPIC_EXISTS);
      assertThat(refusal(create.create(TestDeployment.topicRequest("__x", 1))).code())
          .isEqualTo(RefusalCode.INTERNAL_TOPIC);
      for (String name : List.of(".", "..", "a/b", "", "ä", "x".repeat(250))) {
        assertThat(refusal(create.create(TestDeployment.topicRequest(name, 1))).attributes())
            .containsEntry("field", "name");
      }
      for (int partitions : List.of(0, -1, 1_001)) {
        assertThat(
                refusal(create.create(TestDeployment.topicRequest("t", partitions))).attributes())
            .containsEntry("field", "partitions");
      }

      assertThat(value(new DescribeTopics(deployment.deployment()).all(Optional.empty())))
          .extracting(TopicDescription::name)
          .containsExactly("__consumer_offsets", "liked");
    }
  }

  @Test
  void aTopicOfSeveralClustersNeedsTheClustersName() throws IOException {
    try (var deployment = TestDeployment.open(data)) {
      deployment.createCluster("c1", 1);
      deployment.createTopic("liked", 1);
      deployment.createCluster("c2", 1);
      var describe = new DescribeTopics(deployment.deployment());

      assertThat(value(describe.one(Optional.empty(), "liked")).cluster()).isEqualTo("c1");
      Refusal required = refusal(describe.one(Optional.empty(), "__consumer_offsets"));
      assertThat(required.code()).isEqualTo(RefusalCode.CLUSTER_REQUIRED);
      assertThat(required.attributes()).containsEntry("candidates", List.of("c1", "c2"));
    }
  }
}
