/** The requests of {@code /health}. Used by the table of routes. */
package io.ottla.http.health;
