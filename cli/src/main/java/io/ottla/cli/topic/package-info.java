/** {@code ./ottla topic}. Commands run on the main thread. */
package io.ottla.cli.topic;
