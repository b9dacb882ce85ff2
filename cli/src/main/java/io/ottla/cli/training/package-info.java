/** A run of the commands for Java's start-up cache; nobody calls it but {@code ./ottla}. */
package io.ottla.cli.training;
