/**
 * Uploads: bodies of one event per line that are committed while they arrive. The connection's
 * thread commits ({@link io.ottla.http.upload.PostEventLines}), a second virtual thread reads and
 * parses ({@link io.ottla.http.upload.LineReader}); {@link io.ottla.http.upload.Pieces} lies
 * between them.
 */
package io.ottla.http.upload;
