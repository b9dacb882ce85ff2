/** The requests of {@code /cluster}: clusters and their brokers. Used by the table of routes. */
package io.ottla.http.cluster;
