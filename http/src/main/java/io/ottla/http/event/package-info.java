/** The requests of {@code /events}: an event's way in and out. Used by the table of routes. */
package io.ottla.http.event;
