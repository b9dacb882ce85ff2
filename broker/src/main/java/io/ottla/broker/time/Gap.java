package io.ottla.broker.time;

/**
 * A stretch of guarded time that no process has watched, as the wall clock tells it: the server was
 * off, or the wall clock was set. Immutable.
 *
 * @param fromMs where it begins; {@link Long#MIN_VALUE} if nothing before {@code toMs} was watched
 * @param toMs where it ends, exclusive
 * @param stoodMs for how long the wall clock has stood by it, in processes before this one
 * @param refuted whether the wall clock has gone back on it: then it never counts
 */
public record Gap(long fromMs, long toMs, long stoodMs, boolean refuted) {
  /** How much of it lies between a moment and now; not for moments of an absurd past. */
  long behindMs(long atMs) {
    return atMs >= toMs ? 0 : toMs - Math.max(fromMs, atMs);
  }

  /** How long it is; of one without a beginning, longer than anything. */
  long lengthMs() {
    return fromMs == Long.MIN_VALUE ? Long.MAX_VALUE : toMs - fromMs;
  }
}
