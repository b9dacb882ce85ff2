/** {@code ./ottla group}. Commands run on the main thread. */
package io.ottla.cli.group;
