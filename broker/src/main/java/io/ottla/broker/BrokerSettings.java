package io.ottla.broker;

import io.ottla.replication.ReplicationSettings;
import java.time.Duration;

/**
 * What a deployment can be set to. Immutable; checked when made.
 *
 * @param replication every setting of the engine
 * @param maxGroupReplicas how many replicas of groups all clusters together may run: each costs
 *     threads, a write buffer and a journal cache
 * @param maxOpenFilesPerBroker segment files that a broker keeps open
 * @param retentionInterval how often leaders look for records whose time is over
 * @param catalogInterval how long the SQL view may lag: it is written at most this often
 * @param compactionInterval how often leaders look for superseded records of compacted topics
 * @param tombstoneRetention how long compaction leaves a tombstone at least, so that readers who
 *     come by now and then learn of it
 * @param scrubBytesPerSecond how much the scrubbers of all clusters together read, at least 1: at
 *     so much a second all replicas are read again and again
 * @param memory how much clients can make the process hold
 */
public record BrokerSettings(
    ReplicationSettings replication,
    int maxGroupReplicas,
    int maxOpenFilesPerBroker,
    Duration retentionInterval,
    Duration catalogInterval,
    Duration compactionInterval,
    Duration tombstoneRetention,
    long scrubBytesPerSecond,
    MemoryLimits memory) {
  private static final Duration DEFAULT_COMPACTION_INTERVAL = Duration.ofSeconds(15);
  private static final Duration DEFAULT_TOMBSTONE_RETENTION = Duration.ofHours(24);

  /** Far below what a disk can do, and a hundredth of what a core can verify. */
  private static final long DEFAULT_SCRUB_BYTES_PER_SECOND = 4L << 20;

  private static final long BYTES_PER_GROUP_REPLICA = 8L << 20;
  private static final int USUAL_OPEN_FILES = 1_000;
  private static final int MIN_GROUP_REPLICAS = 36;
  private static final int REPLICAS_PER_BROKER = 4;

  public BrokerSettings {
    if (maxGroupReplicas < 1 || maxOpenFilesPerBroker < 1 || scrubBytesPerSecond < 1) {
      throw new IllegalArgumentException("limits must be at least 1");
    }
  }

  /** Scrubbing as in real use, memory sized to the heap of this process. */
  public BrokerSettings(
      ReplicationSettings replication,
      int maxGroupReplicas,
      int maxOpenFilesPerBroker,
      Duration retentionInterval,
      Duration catalogInterval,
      Duration compactionInterval,
      Duration tombstoneRetention) {
    this(
        replication,
        maxGroupReplicas,
        maxOpenFilesPerBroker,
        retentionInterval,
        catalogInterval,
        compactionInterval,
        tombstoneRetention,
        DEFAULT_SCRUB_BYTES_PER_SECOND,
        MemoryLimits.ofHeap(Runtime.getRuntime().maxMemory()));
  }

  /** Compacting as in real use. */
  public BrokerSettings(
      ReplicationSettings replication,
      int maxGroupReplicas,
      int maxOpenFilesPerBroker,
      Duration retentionInterval,
      Duration catalogInterval) {
    this(
        replication,
        maxGroupReplicas,
        maxOpenFilesPerBroker,
        retentionInterval,
        catalogInterval,
        DEFAULT_COMPACTION_INTERVAL,
        DEFAULT_TOMBSTONE_RETENTION);
  }

  /** How many brokers the heap of this process has memory for, in clusters of the usual size. */
  public static int affordableBrokers() {
    return affordableReplicas() / REPLICAS_PER_BROKER;
  }

  private static int affordableReplicas() {
    long affordable = Runtime.getRuntime().maxMemory() / BYTES_PER_GROUP_REPLICA;
    return Math.clamp(affordable, MIN_GROUP_REPLICAS, Integer.MAX_VALUE);
  }

  /** For real use, sized to the heap of this process. */
  public static BrokerSettings production() {
    return production(Integer.MAX_VALUE, USUAL_OPEN_FILES);
  }

  /**
   * For real use, sized to the heap of this process and what it may have open.
   *
   * @param mostGroupReplicas how many replicas of groups there are descriptors for
   */
  public static BrokerSettings production(int mostGroupReplicas, int maxOpenFilesPerBroker) {
    return new BrokerSettings(
        ReplicationSettings.production(),
        Math.min(affordableReplicas(), mostGroupReplicas),
        maxOpenFilesPerBroker,
        Duration.ofSeconds(5),
        Duration.ofMillis(300));
  }

  /** The same with other bounds of memory. */
  public BrokerSettings with(MemoryLimits limits) {
    return new BrokerSettings(
        replication,
        maxGroupReplicas,
        maxOpenFilesPerBroker,
        retentionInterval,
        catalogInterval,
        compactionInterval,
        tombstoneRetention,
        scrubBytesPerSecond,
        limits);
  }

  /** The same with another rate of the scrubbers. */
  public BrokerSettings withScrubRate(long bytesPerSecond) {
    return new BrokerSettings(
        replication,
        maxGroupReplicas,
        maxOpenFilesPerBroker,
        retentionInterval,
        catalogInterval,
        compactionInterval,
        tombstoneRetention,
        bytesPerSecond,
        memory);
  }
}
