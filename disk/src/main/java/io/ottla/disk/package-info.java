/**
 * Files as the log needs them. Everything that must survive a crash is written through {@link
 * io.ottla.disk.Disk}, so that a test can put a disk underneath that forgets what was not forced.
 * Called by {@code log}, {@code replication} and {@code broker}, from any thread.
 */
package io.ottla.disk;
