package io.ottla.broker;

import io.ottla.broker.store.PartitionReader;
import io.ottla.broker.store.PartitionStore;
import io.ottla.disk.Disk;
import io.ottla.disk.SystemDisk;
import io.ottla.replication.ReplicationSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;

/** A deployment in a directory of the test's, with small limits and quick intervals. */
public final class TestDeployment implements AutoCloseable {
  private final Deployment deployment;

  private TestDeployment(Deployment deployment) {
    this.deployment = deployment;
  }

  /** Opens it over one data directory; open it again over the same one to see what survives. */
  public static TestDeployment open(Path... dataDirectories) throws IOException {
    return open(config(dataDirectories));
  }

  /** The same by a clock of the test's. */
  public static TestDeployment open(InstantSource clock, Path... dataDirectories)
      throws IOException {
    return open(config(new SystemDisk(), clock, dataDirectories));
  }

  static TestDeployment open(Deployment.Config config) throws IOException {
    return new TestDeployment(Deployment.open(config));
  }

  static Deployment.Config config(Path... dataDirectories) {
    return config(new SystemDisk(), dataDirectories);
  }

  static Deployment.Config config(Disk disk, Path... dataDirectories) {
    return config(disk, InstantSource.system(), dataDirectories);
  }

  private static Deployment.Config config(Disk disk, InstantSource clock, Path... dataDirectories) {
    return new Deployment.Config(
        List.of(dataDirectories),
        "127.0.0.1",
        8080,
        disk,
        clock,
        new BrokerSettings(
            ReplicationSettings.forTests(), 100, 50, Duration.ofMillis(50), Duration.ofMillis(50)));
  }

  public Deployment deployment() {
    return deployment;
  }

  /** Waits until every group has a leader. */
  public void awaitReady() {
    var readiness = new Readiness(deployment);
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> readiness.reasonsNotReady().isEmpty());
  }

  /** The leader's reader of a group, whose leadership may be on its way back at this instant. */
  static PartitionReader awaitLeaderReader(DataGroup group) {
    return awaitLeaderStore(group).reader();
  }

  /** The same for the leader's store. */
  static PartitionStore awaitLeaderStore(DataGroup group) {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(group::leaderStore, Optional::isPresent)
        .orElseThrow();
  }

  /**
   * Does periodic work again and again until it has had its effect: a group without a leader at
   * this instant is passed over, and it is its turn the next time.
   */
  static void untilDone(Runnable work, Callable<Boolean> done) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(40))
        .until(
            () -> {
              work.run();
              return done.call();
            });
  }

  /** The broker that leads a group, whose leadership may be on its way back at this instant. */
  public static int awaitLeader(DataGroup group) {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> group.replication().leadership(), Optional::isPresent)
        .orElseThrow()
        .brokerId();
  }

  /** A cluster with default settings. */
  public ClusterDescription createCluster(String name, int brokers) {
    return value(new CreateCluster(deployment).create(clusterRequest(name, brokers)));
  }

  static CreateCluster.Request clusterRequest(String name, int brokers) {
    return new CreateCluster.Request(
        name,
        OptionalInt.of(brokers),
        Optional.empty(),
        OptionalInt.empty(),
        OptionalDouble.empty());
  }

  /** A topic with default settings. */
  public TopicDescription createTopic(String name, int partitions) {
    return value(new CreateTopic(deployment).create(topicRequest(name, partitions)));
  }

  static CreateTopic.Request topicRequest(String name, int partitions) {
    return new CreateTopic.Request(
        Optional.empty(),
        name,
        OptionalInt.of(partitions),
        OptionalDouble.empty(),
        OptionalLong.empty(),
        OptionalLong.empty(),
        Optional.empty(),
        Optional.empty(),
        OptionalInt.empty());
  }

  /** The value, or the refusal as a failure. */
  public static <T> T value(Answer<T> answer) {
    return switch (answer) {
      case Answer.Ok<T>(T value) -> value;
      case Answer.Refused<T>(Refusal refusal) -> throw new AssertionError("refused: " + refusal);
    };
  }

  /** The refusal, or the value as a failure. */
  public static Refusal refusal(Answer<?> answer) {
    return switch (answer) {
      case Answer.Ok<?>(Object value) -> throw new AssertionError("not refused: " + value);
      case Answer.Refused<?>(Refusal refusal) -> refusal;
    };
  }

  @Override
  public void close() throws IOException {
    deployment.close();
  }
}
