package io.ottla.broker.consume;

import io.ottla.broker.Answer;
import io.ottla.broker.DataGroup;
import io.ottla.broker.PartitionWaiters;
import io.ottla.broker.ServingCluster;
import io.ottla.broker.TestDeployment;
import io.ottla.broker.TopicDirectory;
import io.ottla.broker.produce.Accumulator;
import io.ottla.broker.produce.AccumulatorLimits;
import io.ottla.broker.store.PartitionReader;
import io.ottla.broker.store.PartitionStore;
import io.ottla.broker.time.GuardedClock;
import io.ottla.metadata.ClusterView;
import io.ottla.metadata.MetadataCommand;
import io.ottla.metadata.MetadataResult;
import io.ottla.replication.ReplicationGroup;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

/** The one cluster, of one broker, of a deployment; its data group fails when it is told to. */
final class FaultyDirectory implements TopicDirectory, AutoCloseable {
  private final TestDeployment deployment;
  private final AtomicReference<Fault> next = new AtomicReference<>(Fault.NONE);
  private final FaultyCluster cluster;

  /** What becomes of the next entry. */
  enum Fault {
    NONE,
    REFUSED,
    LOST,
    LOST_BUT_APPLIED,
    THROWN,
    /** An error in the coordinator, before there is an entry. */
    ERROR
  }

  FaultyDirectory(TestDeployment deployment) {
    this.deployment = deployment;
    ServingCluster real = deployment.deployment().clusters().getFirst();
    DataGroup dataGroup = real.dataGroup(1);
    FaultyReplication replication = new FaultyReplication(dataGroup.replication());
    Accumulator accumulator = Accumulator.start(replication, AccumulatorLimits.production());
    cluster = new FaultyCluster(real, new FaultyGroup(dataGroup, replication, accumulator), next);
  }

  TestDeployment deployment() {
    return deployment;
  }

  void next(Fault fault) {
    next.set(fault);
  }

  private final class FaultyReplication implements ReplicationGroup {
    private final ReplicationGroup real;

    FaultyReplication(ReplicationGroup real) {
      this.real = real;
    }

    @Override
    public int number() {
      return real.number();
    }

    @Override
    public Optional<Leadership> leadership() {
      return real.leadership();
    }

    @Override
    public CompletableFuture<Outcome> submit(long term, ByteBuffer payload) {
      return switch (next.getAndSet(Fault.NONE)) {
        case NONE, ERROR -> real.submit(term, payload);
        case REFUSED -> CompletableFuture.completedFuture(new Outcome.NotAppended("by the test"));
        case LOST -> CompletableFuture.completedFuture(new Outcome.Unknown("by the test"));
        case LOST_BUT_APPLIED ->
            real.submit(term, payload).thenApply(_ -> new Outcome.Unknown("by the test"));
        case THROWN -> throw new IllegalStateException("thrown by the test");
      };
    }

    void throwIfTold() {
      if (next.compareAndSet(Fault.THROWN, Fault.NONE)) {
        throw new IllegalStateException("thrown by the test");
      }
    }

    @Override
    public void onLeadershipChange(Runnable listener) {
      real.onLeadershipChange(listener);
    }
  }

  private record FaultyGroup(
      DataGroup real, FaultyReplication replication, Accumulator realAccumulator)
      implements DataGroup {
    @Override
    public Accumulator accumulator() {
      replication.throwIfTold();
      return realAccumulator;
    }

    @Override
    public int number() {
      return real.number();
    }

    @Override
    public Optional<PartitionReader> leaderReader() {
      return real.leaderReader();
    }

    @Override
    public Optional<PartitionReader> surestReader() {
      return real.surestReader();
    }

    @Override
    public Optional<PartitionStore> leaderStore() {
      return real.leaderStore();
    }
  }

  private record FaultyCluster(
      ServingCluster real, DataGroup dataGroup, AtomicReference<Fault> next)
      implements ServingCluster {
    @Override
    public UUID id() {
      return real.id();
    }

    @Override
    public String name() {
      return real.name();
    }

    @Override
    public GuardedClock clock() {
      return real.clock();
    }

    @Override
    public ClusterView view() {
      if (Thread.currentThread().getName().startsWith("coordinator-")
          && next.compareAndSet(Fault.ERROR, Fault.NONE)) {
        throw new LinkageError("thrown by the test");
      }
      return real.view();
    }

    @Override
    public boolean viewIsCurrent() {
      return real.viewIsCurrent();
    }

    @Override
    public List<? extends DataGroup> dataGroups() {
      return List.of(dataGroup);
    }

    @Override
    public PartitionWaiters waiters() {
      return real.waiters();
    }

    @Override
    public Answer<MetadataResult> submit(MetadataCommand command, Duration timeout) {
      return real.submit(command, timeout);
    }
  }

  @Override
  public Answer<ServingCluster> cluster(Optional<String> name) {
    return Answer.ok(cluster);
  }

  @Override
  public Answer<TopicRef> topic(Optional<String> name, String topic) {
    return deployment
        .deployment()
        .topic(name, topic)
        .then(found -> Answer.ok(new TopicRef(cluster, found.topic())));
  }

  @Override
  public Optional<ServingCluster> clusterOfId(long id) {
    return Optional.of(cluster);
  }

  @Override
  public List<ServingCluster> clusters() {
    return List.of(cluster);
  }

  @Override
  public void close() {
    cluster.dataGroup().accumulator().close();
  }
}
