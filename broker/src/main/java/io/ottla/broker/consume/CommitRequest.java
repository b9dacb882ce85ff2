package io.ottla.broker.consume;

import java.util.List;
import java.util.Optional;

/** What {@code POST /offset} asks for. */
public sealed interface CommitRequest {
  /** Commits what the consumer was given so far. */
  record Position(long consumerId) implements CommitRequest {}

  /** Commits what the answer with this cursor, and those before it, gave. */
  record UpToCursor(long consumerId, String cursor) implements CommitRequest {}

  /** Commits exactly these; the only form that may lower a committed offset. */
  record Offsets(long consumerId, List<PartitionOffset> offsets) implements CommitRequest {}

  /** Resets a group without active members: exactly one of {@code to} and {@code offsets}. */
  record Reset(
      Optional<String> cluster,
      String group,
      String topic,
      Optional<StartFrom> to,
      List<PartitionOffset> offsets)
      implements CommitRequest {}

  /**
   * An offset to commit.
   *
   * @param offset the next one to read
   * @param metadata the caller's own note, up to 4 KiB
   */
  record PartitionOffset(
      Optional<String> topic, int partition, long offset, Optional<String> metadata) {}
}
