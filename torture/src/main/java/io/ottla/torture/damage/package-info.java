/**
 * Damages to a server's files: which there are, how each is done, and what the server makes of
 * them. Files and plain HTTP; called by the attacker's thread.
 */
package io.ottla.torture.damage;
