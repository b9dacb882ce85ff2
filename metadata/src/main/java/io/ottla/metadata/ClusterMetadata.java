package io.ottla.metadata;

import io.ottla.metadata.MetadataCommand.AlterTopic;
import io.ottla.metadata.MetadataCommand.CreateTopic;
import io.ottla.metadata.MetadataCommand.DeleteTopic;
import io.ottla.metadata.MetadataCommand.ExpireProducers;
import io.ottla.metadata.MetadataCommand.ForgetConsumer;
import io.ottla.metadata.MetadataCommand.InitializeCluster;
import io.ottla.metadata.MetadataCommand.RegisterConsumer;
import io.ottla.metadata.MetadataCommand.RegisterProducer;
import io.ottla.replication.Entry;
import io.ottla.replication.ReplicatedState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What the metadata group replicates: one replica of a cluster's desired state. It has no files of
 * its own; a checkpoint holds all of it.
 *
 * <p>Deterministic: ids come from counters in the state, times from the entry, placement from a
 * cursor in the state.
 *
 * <h2>Threads</h2>
 *
 * The apply thread changes it; any thread may read {@link #view}.
 */
public final class ClusterMetadata implements ReplicatedState {
  private final java.util.function.Consumer<ClusterView> onChange;
  private volatile ClusterView view = ClusterView.empty();

  /**
   * An empty replica.
   *
   * @param onChange called with the new view after every entry (one that changed nothing moves
   *     {@link ClusterView#appliedIndex}) and after {@link #restore}, once {@link #view} shows it,
   *     on the apply thread: it must not block or throw
   */
  public ClusterMetadata(java.util.function.Consumer<ClusterView> onChange) {
    this.onChange = Objects.requireNonNull(onChange, "onChange");
  }

  /** The newest view. */
  public ClusterView view() {
    return view;
  }

  @Override
  public void restore(Optional<byte[]> checkpoint) throws IOException {
    publish(
        checkpoint.isEmpty()
            ? ClusterView.empty()
            : ClusterView.of(MetadataCodec.decodeState(checkpoint.get())));
  }

  @Override
  public ByteBuffer apply(Entry entry) throws IOException {
    ClusterView before = view;
    if (entry.index() <= before.appliedIndex()) {
      throw new IllegalStateException(
          "entry " + entry.index() + " after " + before.appliedIndex() + " was applied");
    }
    MetadataCommand command = MetadataCodec.decodeCommand(entry.payload());
    Step step = apply(before, command, entry.appendTimeMs());
    publish(step.view.at(entry.index()));
    return MetadataCodec.encodeResult(step.result);
  }

  private void publish(ClusterView newView) {
    view = newView;
    onChange.accept(newView);
  }

  private record Step(ClusterView view, MetadataResult result) {}

  private static Step apply(ClusterView view, MetadataCommand command, long nowMs) {
    if (command instanceof InitializeCluster initialize) {
      return initialize(view, initialize.identity(), nowMs);
    }
    if (view.identity().isEmpty()) {
      return new Step(view, new MetadataResult.NotInitialized());
    }
    ClusterIdentity identity = view.identity().get();
    return switch (command) {
      case InitializeCluster initialize -> initialize(view, initialize.identity(), nowMs);
      case CreateTopic create -> createTopic(view, identity, create, nowMs);
      case AlterTopic alter -> alterTopic(view, identity, alter);
      case DeleteTopic delete -> deleteTopic(view, delete);
      case RegisterConsumer register -> registerConsumer(view, identity, register, nowMs);
      case ForgetConsumer forget ->
          new Step(view.withoutConsumer(forget.id()), new MetadataResult.ConsumerForgotten());
      case RegisterProducer register -> registerProducer(view, identity, register, nowMs);
      case ExpireProducers expire ->
          new Step(view.withoutProducers(expire.ids()), new MetadataResult.ProducersExpired());
    };
  }

  private static Step initialize(ClusterView view, ClusterIdentity identity, long nowMs) {
    if (view.identity().isPresent()) {
      return new Step(view, new MetadataResult.Initialized(view.identity().get()));
    }
    List<Integer> everyGroup = new ArrayList<>();
    for (int group = 1; group <= identity.dataGroups(); group++) {
      everyGroup.add(group);
    }
    Topic offsets =
        new Topic(
            identity.offsetsTopicId(),
            Names.CONSUMER_OFFSETS,
            everyGroup,
            TopicConfig.ofConsumerOffsets(),
            nowMs);
    return new Step(view.with(identity).with(offsets), new MetadataResult.Initialized(identity));
  }

  private static Step createTopic(
      ClusterView view, ClusterIdentity identity, CreateTopic command, long nowMs) {
    Optional<Topic> inTheWay = view.topic(command.name()).or(() -> view.topic(command.id()));
    if (inTheWay.isPresent()) {
      Topic topic = inTheWay.get();
      boolean sameCreation = topic.id().equals(command.id()) && topic.name().equals(command.name());
      return new Step(
          view,
          sameCreation
              ? new MetadataResult.TopicCreated(topic)
              : new MetadataResult.TopicExists(topic));
    }
    List<Integer> groups = place(view, identity, command.partitions());
    Topic topic = new Topic(command.id(), command.name(), groups, command.config(), nowMs);
    return new Step(
        view.with(topic).with(view.counters().placed(command.partitions())),
        new MetadataResult.TopicCreated(topic));
  }

  private static Step alterTopic(ClusterView view, ClusterIdentity identity, AlterTopic command) {
    Optional<Topic> found = view.topic(command.id());
    if (found.isEmpty()) {
      return new Step(view, new MetadataResult.TopicUnknown());
    }
    Topic topic = found.get();
    if (topic.internal()) {
      return new Step(view, new MetadataResult.TopicInternal(topic));
    }
    int more = command.partitions() - topic.partitions();
    if (more < 0) {
      return new Step(view, new MetadataResult.PartitionsShrink(topic.partitions()));
    }
    List<Integer> groups = new ArrayList<>(topic.groupOfPartition());
    groups.addAll(place(view, identity, more));
    Topic altered =
        new Topic(topic.id(), topic.name(), groups, command.config(), topic.createdAtMs());
    return new Step(
        view.with(altered).with(view.counters().placed(more)),
        new MetadataResult.TopicAltered(altered));
  }

  private static Step deleteTopic(ClusterView view, DeleteTopic command) {
    Optional<Topic> found = view.topic(command.id());
    if (found.isEmpty()) {
      return new Step(view, new MetadataResult.TopicUnknown());
    }
    Topic topic = found.get();
    return topic.internal()
        ? new Step(view, new MetadataResult.TopicInternal(topic))
        : new Step(view.without(topic), new MetadataResult.TopicDeleted(topic));
  }

  private static Step registerConsumer(
      ClusterView view, ClusterIdentity identity, RegisterConsumer command, long nowMs) {
    ClusterView.Counters counters = view.counters().consumerRegistered();
    long id = identity.idOf(counters.consumersRegistered());
    Consumer consumer = new Consumer(id, command.group().orElse("consumer-" + id), nowMs);
    return new Step(
        view.with(consumer).with(counters), new MetadataResult.ConsumerRegistered(consumer));
  }

  private static Step registerProducer(
      ClusterView view, ClusterIdentity identity, RegisterProducer command, long nowMs) {
    ClusterView.Counters counters = view.counters().producerRegistered();
    Producer producer =
        new Producer(identity.idOf(counters.producersRegistered()), command.name(), nowMs);
    return new Step(
        view.with(producer).with(counters), new MetadataResult.ProducerRegistered(producer));
  }

  /** The data groups whose turn it is: one after the other, over all topics. */
  private static List<Integer> place(ClusterView view, ClusterIdentity identity, int partitions) {
    List<Integer> groups = new ArrayList<>(partitions);
    long cursor = view.counters().partitionsPlaced();
    for (int p = 0; p < partitions; p++) {
      groups.add(1 + (int) ((cursor + p) % identity.dataGroups()));
    }
    return groups;
  }

  @Override
  public Capture capture() {
    return new ViewCapture(view);
  }

  /**
   * A view is immutable, so capturing is keeping it; the bytes are made by the checkpoint thread.
   */
  private record ViewCapture(ClusterView view) implements Capture {
    @Override
    public void force() {}

    @Override
    public byte[] state() {
      return MetadataCodec.encodeState(view.toState());
    }

    @Override
    public List<PinnedFile> files() {
      return List.of();
    }

    @Override
    public void durable() {}
  }

  @Override
  public List<Path> ownedDirectories() {
    return List.of();
  }

  @Override
  public void close() {}
}
