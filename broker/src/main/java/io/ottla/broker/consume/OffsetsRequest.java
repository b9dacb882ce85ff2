package io.ottla.broker.consume;

import java.util.Optional;

/** What {@code GET /offset} asks for. */
public sealed interface OffsetsRequest {
  /** Where a consumer is up to. */
  record OfConsumer(long consumerId) implements OffsetsRequest {}

  /** Where a group is up to; all its topics if none is named. */
  record OfGroup(Optional<String> cluster, String group, Optional<String> topic)
      implements OffsetsRequest {}
}
