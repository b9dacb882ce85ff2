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
 */
public record BrokerSettings(
    ReplicationSettings replication,
    int maxGroupReplicas,
    int maxOpenFilesPerBroker,
    Duration retentionInterval,
    Duration catalogInterval,
    Duration compactionInterval,
    Duration tombstoneRetention) {
  private static final Duration DEFAULT_COMPACTION_INTERVAL = Duration.ofSeconds(15);
  private static final Duration DEFAULT_TOMBSTONE_RETENTION = Duration.ofHours(24);

  private static final long BYTES_PER_GROUP_REPLICA = 8L << 20;
  private static final int MIN_GROUP_REPLICAS = 36;

  public BrokerSettings {
    if (maxGroupReplicas < 1 || maxOpenFilesPerBroker < 1) {
      throw new IllegalArgumentException("limits must be at least 1");
    }
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

  /** For real use, sized to the heap of this process. */
  public static BrokerSettings production() {
    long affordable = Runtime.getRuntime().maxMemory() / BYTES_PER_GROUP_REPLICA;
    return new BrokerSettings(
        ReplicationSettings.production(),
        (int) Math.max(MIN_GROUP_REPLICAS, affordable),
        1_000,
        Duration.ofSeconds(5),
        Duration.ofMillis(300));
  }
}
