package io.ottla.broker.identity;

import java.nio.file.Path;
import java.time.Instant;

/**
 * A directory that was found in a broker's place and is not its current one. Immutable.
 *
 * @param path absolute
 * @param since when it was set aside
 * @param sizeBytes of all files in it
 * @param reason of small letters, digits and hyphens, for example {@code older-copy}
 */
public record SetAsideDirectory(Path path, Instant since, long sizeBytes, String reason) {}
