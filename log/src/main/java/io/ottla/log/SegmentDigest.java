package io.ottla.log;

import java.util.List;

/**
 * A digest of the first bytes of a segment's {@code .log} file, as they lie on disk. Immutable.
 *
 * @param sha256 in hexadecimal digits
 * @param sizeBytes that were read
 * @param damage in them
 */
public record SegmentDigest(String sha256, long sizeBytes, List<DamagedRange> damage) {
  public SegmentDigest {
    damage = List.copyOf(damage);
  }
}
