package io.ottla.log;

import java.nio.file.Path;

/** The first {@code lengthBytes} of a file of a log, relative to the log's directory. Immutable. */
public record LogFile(Path path, long lengthBytes) {}
