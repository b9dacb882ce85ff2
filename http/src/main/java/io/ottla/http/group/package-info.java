/** The requests of {@code /group}. Used by the table of routes. */
package io.ottla.http.group;
