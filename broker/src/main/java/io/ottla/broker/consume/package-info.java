/**
 * An event's way out: stateless reads, consumers and their groups, commits. Called by {@code http}
 * on its virtual threads.
 */
package io.ottla.broker.consume;
