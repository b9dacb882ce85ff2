package io.ottla.broker.store;

import java.util.UUID;

/**
 * Hears what a replica applied, so that waiting readers look again. Called on the group's apply
 * thread: must be quick and never block.
 */
public interface PartitionListener {
  /** The partition is there, up to {@code endOffset}, for readers to see. */
  void appended(UUID topicId, int partition, long endOffset);

  /** The partition is gone. */
  void dropped(UUID topicId, int partition);

  /** Hears nothing. */
  PartitionListener NONE =
      new PartitionListener() {
        @Override
        public void appended(UUID topicId, int partition, long endOffset) {}

        @Override
        public void dropped(UUID topicId, int partition) {}
      };
}
