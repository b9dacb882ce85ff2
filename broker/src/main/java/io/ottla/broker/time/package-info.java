/**
 * Time for what deletes: {@link io.ottla.broker.time.GuardedClock} counts with the monotonic clock
 * and believes the wall clock only slowly; {@link io.ottla.broker.time.ClockFile} keeps what it
 * knows from one process to the next. Called by the life cycle, which owns one clock per cluster,
 * and by the consumer groups. Any thread; nothing here has a thread of its own.
 */
package io.ottla.broker.time;
