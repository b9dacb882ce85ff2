package io.ottla.cli.terminal;

import picocli.CommandLine.Option;

/** The cluster in which a topic or a group is looked for. */
public final class ClusterOption {
  @Option(
      names = "--cluster",
      paramLabel = "NAME",
      description = "The cluster; it may be left out if only one can be meant.")
  private String cluster;

  /** For picocli. */
  public ClusterOption() {}

  /** Its name; null if it was left out. */
  public String name() {
    return cluster;
  }
}
