/**
 * What clients were told and what they read, and the check that both agree. No I/O. Called by the
 * clients of a run, each from a thread of its own.
 */
package io.ottla.torture.history;
