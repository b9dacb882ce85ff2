package io.ottla.torture.history;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Checks that what one reader is given goes on without a hole and without a step back. One owner,
 * the reader.
 */
public final class Sequel {
  private final String reader;
  private final Findings findings;
  private final Map<Place, Long> next = new HashMap<>();

  public Sequel(String reader, Findings findings) {
    this.reader = reader;
    this.findings = findings;
  }

  /** From now on the partition must go on there. */
  public void from(Place place, long offset) {
    next.put(place, offset);
  }

  /** Whatever comes next of any partition is a beginning. */
  public void forgetAll() {
    next.clear();
  }

  /** Forgets the partitions that are not among these. */
  public void keep(Set<Place> places) {
    next.keySet().retainAll(places);
  }

  /** Whether it is known where the partition goes on. */
  public boolean knows(Place place) {
    return next.containsKey(place);
  }

  /** An event came. */
  public void came(Place place, long offset) {
    Long expected = next.put(place, offset + 1);
    if (expected != null && expected != offset) {
      findings.add(
          Anomaly.POLL_SKIP_OR_BACK,
          "%s got %s:%d, and %d was next".formatted(reader, place, offset, expected));
    }
  }

  /** Where the partition goes on; −1 if nothing came. */
  public long next(Place place) {
    return next.getOrDefault(place, -1L);
  }
}
