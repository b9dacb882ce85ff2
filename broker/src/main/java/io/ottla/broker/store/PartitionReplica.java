package io.ottla.broker.store;

import io.ottla.log.LogCapture;
import io.ottla.log.LogRepair;
import io.ottla.log.PartitionLog;
import io.ottla.log.Retention;
import io.ottla.log.SegmentSummary;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongUnaryOperator;

/**
 * One partition of a replica of a data group. Changed by the apply thread only; any thread may
 * read.
 */
public final class PartitionReplica {
  private final PartitionMetadata metadata;
  private final PartitionLog log;
  private final PartitionProducers producers;
  private volatile PartitionConfig config;
  private volatile String directoryName;
  private volatile boolean dropped;

  /** The directory's last name, once the partition is dropped and its directory moved. */
  private final CompletableFuture<String> movedAside = new CompletableFuture<>();

  /** Whether the directory's own entry and files are durable; set by the checkpoint thread. */
  private volatile boolean directoryDurable;

  PartitionReplica(
      PartitionMetadata metadata,
      PartitionLog log,
      PartitionProducers producers,
      PartitionConfig config,
      String directoryName,
      boolean directoryDurable) {
    this.metadata = metadata;
    this.log = log;
    this.producers = producers;
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

  /** Its segments, in the order of their offsets; the last one is the active one. */
  public List<SegmentSummary> segments() {
    return log.segments();
  }

  /**
   * Where its front should be, if time or room of its oldest records is over: for the leader.
   * Nowhere if it is compacted: the newest record of a key stays, however old it is.
   *
   * @param ageMs how long ago an append time is
   */
  public OptionalLong retentionFront(LongUnaryOperator ageMs) {
    PartitionConfig now = config;
    if (now.compacted()) {
      return OptionalLong.empty();
    }
    return new Retention(now.retentionMs(), now.retentionBytes()).newStartOffset(log, ageMs);
  }

  /** Finds and repairs what is damaged of it. */
  public LogRepair repair() {
    return log.repair();
  }

  PartitionMetadata metadata() {
    return metadata;
  }

  PartitionLog log() {
    return log;
  }

  PartitionProducers producers() {
    return producers;
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

  /**
   * Removes files that only older checkpoints name, unless the partition is dropped: another may
   * have its directory's name by then.
   *
   * <p>A drop of this partition waits meanwhile: that much of a lock across I/O there must be.
   */
  synchronized void removeDoomed(LogCapture capture) throws IOException {
    if (!dropped) {
      capture.removeDoomed();
    }
  }

  /** It is about to be dropped: what fails to be read from now on is gone. */
  synchronized void markDropped() {
    dropped = true;
  }

  /** It is dropped and its directory has its last name. */
  void movedAside(String newDirectoryName) {
    directoryName = newDirectoryName;
    movedAside.complete(newDirectoryName);
  }

  /** Its directory could not be moved: its broker fails. */
  void stuck(IOException failure) {
    movedAside.completeExceptionally(failure);
  }

  /** The last name of the directory of a partition that is dropped; waits for it if need be. */
  String awaitMovedAside() throws IOException {
    try {
      return movedAside.join();
    } catch (CompletionException e) {
      throw new IOException("a dropped partition's directory could not be moved", e.getCause());
    }
  }
}
