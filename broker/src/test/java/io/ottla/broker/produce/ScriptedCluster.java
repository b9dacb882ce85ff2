package io.ottla.broker.produce;

import io.ottla.broker.Answer;
import io.ottla.broker.DataGroup;
import io.ottla.broker.PartitionWaiters;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.ServingCluster;
import io.ottla.broker.TopicDirectory;
import io.ottla.broker.store.PartitionReader;
import io.ottla.broker.store.PartitionStore;
import io.ottla.broker.time.GuardedClock;
import io.ottla.broker.time.TimeSource;
import io.ottla.metadata.BrokerIdentity;
import io.ottla.metadata.ClusterIdentity;
import io.ottla.metadata.ClusterMetadata;
import io.ottla.metadata.ClusterView;
import io.ottla.metadata.MetadataCodec;
import io.ottla.metadata.MetadataCommand;
import io.ottla.metadata.MetadataResult;
import io.ottla.metadata.TopicConfig;
import io.ottla.replication.Entry;
import io.ottla.replication.ReplicationGroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A cluster of two scripted data groups; partition p of its first topic is in group 1 + p mod 2.
 */
final class ScriptedCluster implements ServingCluster, TopicDirectory, AutoCloseable {
  final ScriptedGroup first = new ScriptedGroup();
  final ScriptedGroup second = new ScriptedGroup();
  private final ClusterMetadata metadata = new ClusterMetadata(_ -> {});
  private final List<ScriptedDataGroup> groups =
      List.of(new ScriptedDataGroup(1, first), new ScriptedDataGroup(2, second));
  private final PartitionWaiters waiters = new PartitionWaiters();
  private final GuardedClock clock =
      GuardedClock.start(TimeSource.of(InstantSource.system()), Optional.empty());
  private long index;

  private record ScriptedDataGroup(
      int number, ReplicationGroup replication, Accumulator accumulator) implements DataGroup {
    ScriptedDataGroup(int number, ReplicationGroup replication) {
      this(number, replication, Accumulator.start(replication, AccumulatorLimits.production()));
    }

    @Override
    public Optional<PartitionReader> leaderReader() {
      return Optional.empty();
    }

    @Override
    public Optional<PartitionReader> surestReader() {
      return Optional.empty();
    }

    @Override
    public Optional<PartitionStore> leaderStore() {
      return Optional.empty();
    }
  }

  ScriptedCluster() {
    List<BrokerIdentity> brokers =
        List.of(new BrokerIdentity(1, "h", 1, 0), new BrokerIdentity(2, "h", 1, 0));
    change(
        new MetadataCommand.InitializeCluster(
            new ClusterIdentity(id(), 0, name(), "c1", 3, -1, new UUID(8, 8), brokers, 0)));
  }

  UUID createTopic(String name, int partitions, TopicConfig config) {
    UUID id = new UUID(4, index);
    change(new MetadataCommand.CreateTopic(id, name, partitions, config));
    return id;
  }

  MetadataResult change(MetadataCommand command) {
    try {
      index++;
      return MetadataCodec.decodeResult(
          metadata.apply(new Entry(index, 1, 0, MetadataCodec.encode(command))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Answer<TopicRef> topic(Optional<String> cluster, String topic) {
    return view()
        .topic(topic)
        .<Answer<TopicRef>>map(found -> Answer.ok(new TopicRef(this, found)))
        .orElse(Answer.refused(RefusalCode.TOPIC_NOT_FOUND, "no topic " + topic));
  }

  @Override
  public UUID id() {
    return new UUID(9, 9);
  }

  @Override
  public String name() {
    return "c1";
  }

  @Override
  public GuardedClock clock() {
    return clock;
  }

  @Override
  public ClusterView view() {
    return metadata.view();
  }

  @Override
  public boolean viewIsCurrent() {
    return true;
  }

  @Override
  public List<? extends DataGroup> dataGroups() {
    return groups;
  }

  @Override
  public PartitionWaiters waiters() {
    return waiters;
  }

  @Override
  public Answer<MetadataResult> submit(MetadataCommand command, Duration timeout) {
    return Answer.ok(change(command));
  }

  @Override
  public Answer<ServingCluster> cluster(Optional<String> cluster) {
    return Answer.ok(this);
  }

  @Override
  public Optional<ServingCluster> clusterOfId(long id) {
    return Optional.of(this);
  }

  @Override
  public List<ServingCluster> clusters() {
    return List.of(this);
  }

  @Override
  public void close() {
    groups.forEach(group -> group.accumulator().close());
  }
}
