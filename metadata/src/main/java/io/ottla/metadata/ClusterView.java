package io.ottla.metadata;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.pcollections.TreePMap;

/**
 * The desired state of a cluster at one index of the metadata group's journal. Immutable.
 *
 * <p>Persistent sorted maps: a successor shares all but a path of the tree, so that registering the
 * 100,001st consumer costs a few small objects and no copy, and readers hold any version as long as
 * they like.
 */
public final class ClusterView {
  private static final ClusterView EMPTY =
      new ClusterView(
          0,
          Optional.empty(),
          new Counters(0, 0, 0),
          new Topics(TreePMap.empty(), TreePMap.empty()),
          TreePMap.empty(),
          TreePMap.empty());

  private final long appliedIndex;
  private final Optional<ClusterIdentity> identity;
  private final Counters counters;
  private final Topics topics;
  private final TreePMap<Long, Consumer> consumers;
  private final TreePMap<Long, Producer> producers;

  private ClusterView(
      long appliedIndex,
      Optional<ClusterIdentity> identity,
      Counters counters,
      Topics topics,
      TreePMap<Long, Consumer> consumers,
      TreePMap<Long, Producer> producers) {
    this.appliedIndex = appliedIndex;
    this.identity = identity;
    this.counters = counters;
    this.topics = topics;
    this.consumers = consumers;
    this.producers = producers;
  }

  /** How many of each there ever were; see {@link ClusterState}. */
  record Counters(long consumersRegistered, long producersRegistered, long partitionsPlaced) {
    Counters consumerRegistered() {
      return new Counters(consumersRegistered + 1, producersRegistered, partitionsPlaced);
    }

    Counters producerRegistered() {
      return new Counters(consumersRegistered, producersRegistered + 1, partitionsPlaced);
    }

    Counters placed(int partitions) {
      return new Counters(consumersRegistered, producersRegistered, partitionsPlaced + partitions);
    }
  }

  private record Topics(TreePMap<String, Topic> byName, TreePMap<UUID, Topic> byId) {
    Topics with(Topic topic) {
      return new Topics(byName.plus(topic.name(), topic), byId.plus(topic.id(), topic));
    }

    Topics without(Topic topic) {
      return new Topics(byName.minus(topic.name()), byId.minus(topic.id()));
    }
  }

  /** The view before the first entry: no identity, nothing known. */
  public static ClusterView empty() {
    return EMPTY;
  }

  /** The index of the newest entry that it shows; 0 before the first. */
  public long appliedIndex() {
    return appliedIndex;
  }

  /** What the cluster is; empty until it was initialized. */
  public Optional<ClusterIdentity> identity() {
    return identity;
  }

  /** The topic of that name. */
  public Optional<Topic> topic(String name) {
    return Optional.ofNullable(topics.byName.get(name));
  }

  /** The topic of that id. */
  public Optional<Topic> topic(UUID id) {
    return Optional.ofNullable(topics.byId.get(id));
  }

  /** All topics, internal ones too, in the order of their names. */
  public Collection<Topic> topics() {
    return topics.byName.values();
  }

  /** The consumer of that id. */
  public Optional<Consumer> consumer(long id) {
    return Optional.ofNullable(consumers.get(id));
  }

  /** All consumers, oldest first. */
  public Collection<Consumer> consumers() {
    return consumers.values();
  }

  /** The producer of that id. */
  public Optional<Producer> producer(long id) {
    return Optional.ofNullable(producers.get(id));
  }

  /** Whether that id was ever given to a producer; of one that is not here any more, too. */
  public boolean hasRegisteredProducer(long id) {
    return identity
        .filter(known -> id >= known.idOf(1) && id <= known.idOf(counters.producersRegistered))
        .isPresent();
  }

  /** All producers, oldest first. */
  public Collection<Producer> producers() {
    return producers.values();
  }

  Counters counters() {
    return counters;
  }

  ClusterView at(long index) {
    return new ClusterView(index, identity, counters, topics, consumers, producers);
  }

  ClusterView with(ClusterIdentity newIdentity) {
    return new ClusterView(
        appliedIndex, Optional.of(newIdentity), counters, topics, consumers, producers);
  }

  ClusterView with(Counters newCounters) {
    return new ClusterView(appliedIndex, identity, newCounters, topics, consumers, producers);
  }

  ClusterView with(Topic topic) {
    return new ClusterView(
        appliedIndex, identity, counters, topics.with(topic), consumers, producers);
  }

  ClusterView without(Topic topic) {
    return new ClusterView(
        appliedIndex, identity, counters, topics.without(topic), consumers, producers);
  }

  ClusterView with(Consumer consumer) {
    return new ClusterView(
        appliedIndex,
        identity,
        counters,
        topics,
        consumers.plus(consumer.id(), consumer),
        producers);
  }

  ClusterView withoutConsumer(long id) {
    return new ClusterView(
        appliedIndex, identity, counters, topics, consumers.minus(id), producers);
  }

  ClusterView with(Producer producer) {
    return new ClusterView(
        appliedIndex,
        identity,
        counters,
        topics,
        consumers,
        producers.plus(producer.id(), producer));
  }

  ClusterView withoutProducers(Collection<Long> ids) {
    return new ClusterView(
        appliedIndex, identity, counters, topics, consumers, producers.minusAll(ids));
  }

  /** The same as the checkpoint holds it. */
  ClusterState toState() {
    return new ClusterState(
        appliedIndex,
        identity,
        counters.consumersRegistered,
        counters.producersRegistered,
        counters.partitionsPlaced,
        List.copyOf(topics()),
        List.copyOf(consumers()),
        List.copyOf(producers()));
  }

  static ClusterView of(ClusterState state) {
    ClusterView view =
        EMPTY
            .at(state.appliedIndex())
            .with(
                new Counters(
                    state.consumersRegistered(),
                    state.producersRegistered(),
                    state.partitionsPlaced()));
    view = state.identity().map(view::with).orElse(view);
    for (Topic topic : state.topics()) {
      view = view.with(topic);
    }
    for (Consumer consumer : state.consumers()) {
      view = view.with(consumer);
    }
    for (Producer producer : state.producers()) {
      view = view.with(producer);
    }
    return view;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ClusterView that && toState().equals(that.toState());
  }

  @Override
  public int hashCode() {
    return Long.hashCode(appliedIndex);
  }

  @Override
  public String toString() {
    return "ClusterView[appliedIndex="
        + appliedIndex
        + ", topics="
        + topics.byName.size()
        + ", consumers="
        + consumers.size()
        + ", producers="
        + producers.size()
        + "]";
  }
}
