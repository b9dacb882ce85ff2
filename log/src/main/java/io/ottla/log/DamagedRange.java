package io.ottla.log;

import java.nio.file.Path;

/**
 * Bytes of a segment that are not the batches that they should be. Immutable.
 *
 * @param file the segment's {@code .log} file
 * @param place where the damage begins: in front of it all is whole
 * @param lengthBytes up to where whole batches begin again, or the segment ends
 * @param startOffset the first offset that cannot be read
 * @param nextOffset the one behind the last
 * @param fact what is wrong
 */
public record DamagedRange(
    Path file, BatchPlace place, long lengthBytes, long startOffset, long nextOffset, String fact) {

  CorruptBatchException toException() {
    return new CorruptBatchException(fact).at(file, place.positionBytes());
  }
}
