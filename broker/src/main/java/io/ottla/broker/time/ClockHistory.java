package io.ottla.broker.time;

import java.util.List;

/**
 * What a guarded clock knows, for the process after this one. Immutable.
 *
 * @param guardedMs the guarded time
 * @param wallMs what the wall clock said at that moment
 * @param gaps oldest first; not those that are believed
 */
public record ClockHistory(long guardedMs, long wallMs, List<Gap> gaps) {
  public ClockHistory {
    gaps = List.copyOf(gaps);
  }
}
