/**
 * A wall clock that jumps: an agent that is started with the server shifts every time that the
 * server's own classes read, by what a file says. The attacker writes the file; the rest runs in
 * the server's process.
 */
package io.ottla.torture.clock;
