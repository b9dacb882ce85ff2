package io.ottla.broker;

import io.ottla.broker.time.GuardedClock;
import io.ottla.metadata.ClusterView;
import io.ottla.metadata.MetadataCommand;
import io.ottla.metadata.MetadataResult;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/** A cluster as the use cases of producing and consuming see it. Thread-safe. */
public interface ServingCluster {
  /** Its identity, which no later cluster of the same name shares. */
  UUID id();

  /** Its name. */
  String name();

  /** The one clock that tells how old what it holds is. */
  GuardedClock clock();

  /** The newest view; may lag behind until {@link #viewIsCurrent}. */
  ClusterView view();

  /** Whether the view holds all that was ever answered, so that "not found" is certain. */
  boolean viewIsCurrent();

  /** The data groups, number 1 first. */
  List<? extends DataGroup> dataGroups();

  /** The data group of that number, from 1. */
  default DataGroup dataGroup(int number) {
    return dataGroups().get(number - 1);
  }

  /** Readers and coordinators that wait for a partition to grow or for leadership to change. */
  PartitionWaiters waiters();

  /**
   * Replicates a metadata command; once it answers, {@link #view} shows what it did. Retries within
   * {@code timeout} what is certainly not appended.
   */
  Answer<MetadataResult> submit(MetadataCommand command, Duration timeout);

  /** Whether there are so many consumers that unused ones should go early. */
  default boolean hasManyConsumers() {
    return false;
  }
}
