package io.ottla.log;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Finds what other replicas of a partition hold in the place of damaged bytes. Thread-safe; may
 * block while they read. A replica that cannot answer has no copy.
 */
@FunctionalInterface
public interface BatchCopies {
  /** Those of a partition that has one replica. */
  BatchCopies NONE = (_, _) -> Optional.empty();

  /** Those of several, in their order. */
  static BatchCopies anyOf(List<BatchCopies> all) {
    return (place, isRight) ->
        all.stream().flatMap(each -> each.find(place, isRight).stream()).findFirst();
  }

  /**
   * The batch that begins at a place.
   *
   * @param isRight what the asker thinks of a replica's copy; the next replica is asked if it is
   *     not right
   */
  Optional<ByteBuffer> find(BatchPlace place, Predicate<ByteBuffer> isRight);
}
