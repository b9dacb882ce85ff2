/**
 * The SQL view of a cluster's state: one SQLite file per broker, written behind, never read by the
 * system itself. Projected to by one thread, the cluster's catalog writer.
 */
package io.ottla.catalog;
