/**
 * A heap that is full: an agent that is started with the server takes all its memory when the
 * attacker says so.
 */
package io.ottla.torture.heap;
