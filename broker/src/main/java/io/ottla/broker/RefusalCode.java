package io.ottla.broker;

import java.util.Locale;

/**
 * The reasons for which a use case refuses; the lower-case name is the {@code code} of the HTTP
 * contract.
 */
public enum RefusalCode {
  INVALID_REQUEST(false),
  CLUSTER_REQUIRED(false),
  CLUSTER_NOT_FOUND(false),
  CLUSTER_EXISTS(false),
  CLUSTER_DAMAGED(false),
  LOG_DIRECTORY_IN_USE(false),
  TOO_MANY_CLUSTERS(false),
  BROKER_NOT_FOUND(false),
  BROKER_FAILED(false),
  COMPRESSION_UNAVAILABLE(false),
  TOPIC_NOT_FOUND(false),
  TOPIC_EXISTS(false),
  INTERNAL_TOPIC(false),
  PARTITIONS_CANNOT_SHRINK(false),
  PARTITION_OUT_OF_RANGE(false),
  KEY_REQUIRED(false),
  RECORD_TOO_LARGE(false),
  BATCH_TOO_LARGE(false),
  TOO_MANY_PRODUCERS(true),
  TOO_MANY_CONSUMERS(true),
  UNKNOWN_PRODUCER(false),
  PRODUCER_EXPIRED(false),
  SEQUENCE_REUSED(false),
  SEQUENCE_TOO_OLD(false),
  NOT_COMMITTED(true),
  NO_LEADER(true),
  OVERLOADED(true),
  DISK_FULL(true),
  OFFSET_OUT_OF_RANGE(false),
  OFFSET_BEYOND_END(false),
  DAMAGED_RECORD(false),
  CONSUMER_NOT_FOUND(false),
  GROUP_NOT_FOUND(false),
  GROUP_ACTIVE(false),
  NOT_ASSIGNED(false),
  POSITION_LOST(false),
  POLL_SUPERSEDED(false),
  COORDINATOR_CHANGED(true),
  NOT_READY(true);

  private final boolean retriable;

  RefusalCode(boolean retriable) {
    this.retriable = retriable;
  }

  /** Whether the same request may succeed later. */
  public boolean retriable() {
    return retriable;
  }

  /** The code as the HTTP contract writes it. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
