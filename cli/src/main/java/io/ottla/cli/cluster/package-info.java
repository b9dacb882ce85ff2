/** {@code ./ottla cluster} and {@code ./ottla broker}. Commands run on the main thread. */
package io.ottla.cli.cluster;
