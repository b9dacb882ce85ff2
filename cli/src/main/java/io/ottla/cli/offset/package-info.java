/** {@code ./ottla offset}. Commands run on the main thread. */
package io.ottla.cli.offset;
