/**
 * What every attack stands on: a run with its seed, a directory of its own, and the server as a
 * process. Called by the attacker's thread.
 */
package io.ottla.torture.run;
