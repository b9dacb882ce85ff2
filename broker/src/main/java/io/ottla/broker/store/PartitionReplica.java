package io.ottla.broker.store;

import io.ottla.log.PartitionLog;
import io.ottla.log.Retention;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * One partition of a replica of a data group. Changed by the apply thread only; any thread may
 * read.
 */
public final class PartitionReplica {
  private final PartitionMetadata metadata;
  private final PartitionLog log;
  private volatile PartitionConfig config;
  private volatile String directoryName;
  private volatile boolean dropped;

  /** Whether the directory's own entry and files are durable; set by the checkpoint thread. */
  private volatile boolean directoryDurable;

  PartitionReplica(
      PartitionMetadata metadata,
      PartitionLog log,
      PartitionConfig config,
      String directoryName,
      boolean directoryDurable) {
    this.metadata = metadata;
    this.log = log;
    this.config = config;
    this.directoryName = directoryName;
    this.directoryDurable = directoryDurable;
  }

  /** Its topic. */
  public UUID topicId() {
    return metadata.topicId();
  }

  /** Its topic's name. */
  public String topicName() {
    return metadata.topicName();
  }

  /** Its number within the topic, from 0. */
  public int partition() {
    return metadata.partition();
  }

  /** How it is kept. */
  public PartitionConfig config() {
    return config;
  }

  /** The first offset that it has. */
  public long startOffset() {
    return log.startOffset();
  }

  /** The offset that its next record gets. */
  public long endOffset() {
    return log.endOffset();
  }

  /** The bytes of its segments. */
  public long sizeBytes() {
    return log.sizeBytes();
  }

  /** Where its front should be, if time or room of its oldest records is over: for the leader. */
  public OptionalLong retentionFront(long nowMs) {
    PartitionConfig now = config;
    return new Retention(now.retentionMs(), now.retentionBytes()).newStartOffset(log, nowMs);
  }

  PartitionMetadata metadata() {
    return metadata;
  }

  PartitionLog log() {
    return log;
  }

  String directoryName() {
    return directoryName;
  }

  boolean isDropped() {
    return dropped;
  }

  boolean isDirectoryDurable() {
    return directoryDurable;
  }

  void directoryIsDurable() {
    directoryDurable = true;
  }

  void configure(PartitionConfig next) {
    config = next;
    log.configure(next.logConfig());
  }

  /** It is about to be dropped: what fails to be read from now on is gone. */
  void markDropped() {
    dropped = true;
  }

  void moved(String newDirectoryName) {
    directoryName = newDirectoryName;
  }
}
