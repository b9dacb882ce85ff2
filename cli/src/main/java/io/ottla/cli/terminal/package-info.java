/**
 * What every command stands on: the three streams of a shell, tables, exit codes, and the way to
 * the server. Commands run on the main thread.
 */
package io.ottla.cli.terminal;
