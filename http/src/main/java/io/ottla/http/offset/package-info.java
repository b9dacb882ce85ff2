/**
 * The requests of {@code /offset}: commits, and where consumers are up to. Used by the table of
 * routes.
 */
package io.ottla.http.offset;
