package io.ottla.server;

import java.io.IOException;

/**
 * How the file descriptors that the process may have are divided. Immutable.
 *
 * <p>A quarter is for the brokers' journals, checkpoints and views, and some are the process' own
 * (Java's modules, libraries, selectors). What is left is shared by connections and segment files.
 *
 * @param connections how many may be served at once
 * @param filesPerBroker how many segment files a broker keeps open
 * @param groupReplicas how many replicas of groups there may be
 */
record DescriptorShares(int connections, int filesPerBroker, int groupReplicas) {
  static final int FEWEST = 192;

  private static final int OWN = 96;
  private static final int PER_GROUP_REPLICA = 4;
  private static final int FEWEST_FILES_PER_BROKER = 4;
  private static final int MOST_FILES_PER_BROKER = 1_000;

  /**
   * Divides so many.
   *
   * @param mostConnections more are not served, however many descriptors there are
   * @param brokers how many there may be
   * @throws IOException when there are too few to do any work
   */
  static DescriptorShares of(int limit, int mostConnections, int brokers) throws IOException {
    if (limit < FEWEST) {
      throw new IOException(
          "this process may have only "
              + limit
              + " files and connections open, and needs at least "
              + FEWEST
              + "; raise the limit (ulimit -n)");
    }
    int rest = limit - OWN - limit / 4;
    int connections = Math.min(rest / 2, mostConnections);
    int files =
        Math.clamp(
            (rest - connections) / Math.max(1, brokers),
            FEWEST_FILES_PER_BROKER,
            MOST_FILES_PER_BROKER);
    return new DescriptorShares(connections, files, limit / 4 / PER_GROUP_REPLICA);
  }
}
