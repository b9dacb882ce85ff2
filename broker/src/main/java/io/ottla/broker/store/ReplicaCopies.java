package io.ottla.broker.store;

import io.ottla.log.BatchCopies;
import io.ottla.log.BatchPlace;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The batches that other replicas have of one partition. Thread-safe. A replica gives only what it
 * has verified itself; whoever asks verifies it again.
 */
record ReplicaCopies(PartitionStore asking, OtherReplicas others, UUID topicId, int partition)
    implements BatchCopies {
  private static final Logger LOGGER = LoggerFactory.getLogger(ReplicaCopies.class);

  @Override
  public Optional<ByteBuffer> find(BatchPlace place, Predicate<ByteBuffer> isRight) {
    for (PartitionReader other : others.besides(asking)) {
      try {
        Optional<ByteBuffer> copy = other.batchAt(topicId, partition, place);
        if (copy.isPresent() && isRight.test(copy.get())) {
          return copy;
        }
      } catch (IOException e) {
        // It stops or its disk fails: another one may have it.
        LOGGER.debug("no copy: topicId={} partition={}", topicId, partition, e);
      }
    }
    return Optional.empty();
  }
}
