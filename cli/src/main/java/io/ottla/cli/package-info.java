/** The command line: what {@code ./ottla} does against a running server. */
package io.ottla.cli;
