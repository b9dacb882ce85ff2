/**
 * Work that goes on for as long as its owner does: a {@link io.ottla.broker.loop.Loop} on a thread
 * of its own, which no failure of a turn ends, and a {@link io.ottla.broker.loop.RecurringTask}
 * that is such a loop with pauses. Called by whoever owns the work; knows nothing of what it does.
 */
package io.ottla.broker.loop;
