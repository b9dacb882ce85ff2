package io.ottla.cli;

import io.ottla.cli.terminal.Version;
import picocli.CommandLine.Command;

/** {@code ./ottla}, as far as it is the command line's. */
@Command(
    name = "./ottla",
    description = "Clusters, topics, events, groups and offsets of a running server.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommandsRepeatable = false)
final class OttlaCommand {}
