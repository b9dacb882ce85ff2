package io.ottla.broker;

import io.ottla.broker.store.ProducerMemory;
import io.ottla.metadata.MetadataCommand;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What clients make all clusters of this process hold, and its bounds. Thread-safe.
 *
 * <p>A registration is refused before it is submitted, by what the views show at that moment: those
 * under way may pass the bound by as many as they are.
 */
final class ClientMemory {
  private static final int RETRY_AFTER_SECONDS = 60;

  private final MemoryLimits limits;
  private final ProducerMemory producerMemory;
  private final Set<ServingCluster> clusters = ConcurrentHashMap.newKeySet();

  ClientMemory(MemoryLimits limits) {
    this.limits = limits;
    this.producerMemory = new ProducerMemory(limits.producerBytes());
  }

  /** What partitions remember of producers. */
  ProducerMemory producerMemory() {
    return producerMemory;
  }

  /** The cluster's producers and consumers count from now on. */
  void add(ServingCluster cluster) {
    clusters.add(cluster);
  }

  /** They count no more. */
  void remove(ServingCluster cluster) {
    clusters.remove(cluster);
  }

  /** Why the command must not be submitted; empty if it may be. */
  Optional<Refusal> refusal(MetadataCommand command) {
    return switch (command) {
      case MetadataCommand.RegisterProducer _ when producers() >= limits.maxProducers() ->
          Optional.of(
              refusal(
                      RefusalCode.TOO_MANY_PRODUCERS,
                      "this process has memory for %d producers".formatted(limits.maxProducers()))
                  .notAppended());
      case MetadataCommand.RegisterConsumer _ when consumers() >= limits.maxConsumers() ->
          Optional.of(
              refusal(
                  RefusalCode.TOO_MANY_CONSUMERS,
                  "this process has memory for %d consumers; DELETE /consumer/{id} ends one"
                      .formatted(limits.maxConsumers())));
      default -> Optional.empty();
    };
  }

  private static Refusal refusal(RefusalCode code, String detail) {
    return Refusal.of(code, detail).with("retry_after_seconds", RETRY_AFTER_SECONDS);
  }

  /** Whether so many producers are registered that unused ones should go early: half the bound. */
  boolean hasManyProducers() {
    return producers() > limits.maxProducers() / 2;
  }

  /** Likewise of consumers. */
  boolean hasManyConsumers() {
    return consumers() > limits.maxConsumers() / 2;
  }

  private int producers() {
    return clusters.stream().mapToInt(cluster -> cluster.view().producers().size()).sum();
  }

  private int consumers() {
    return clusters.stream().mapToInt(cluster -> cluster.view().consumers().size()).sum();
  }
}
