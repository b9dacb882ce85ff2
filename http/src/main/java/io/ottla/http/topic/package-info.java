/** The requests of {@code /topic}. Used by the table of routes. */
package io.ottla.http.topic;
