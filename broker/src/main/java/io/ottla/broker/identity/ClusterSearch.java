package io.ottla.broker.identity;

import io.ottla.disk.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for clusters in data directories, whatever is written down about them. Immutable,
 * thread-safe.
 *
 * <p>A directory is a cluster's if it has a {@code cluster.json}, a copy of one, or a broker with
 * an identity. It is looked for as deep as a log directory may lie, through no symbolic link, and
 * not within another cluster's. Nor within a data directory of another deployment: what lies there
 * is that one's, as what a demo or a benchmark leaves below the directory that a server takes.
 */
final class ClusterSearch {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterSearch.class);

  /** The most segments of a log directory. */
  static final int MAX_DEPTH = 4;

  /** A data directory with more directories than this holds other things than clusters. */
  private static final int MAX_DIRECTORIES = 20_000;

  private static final Pattern BROKER = Pattern.compile("broker-[1-9]");

  /** The shape of a log directory's segments; what else lies there is none of ours. */
  private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

  private final Disk disk;

  ClusterSearch(Disk disk) {
    this.disk = disk;
  }

  /**
   * The log directories of all clusters below the data directories, sorted.
   *
   * @throws IOException when not everything can be looked at: then what was not seen is not missing
   */
  List<String> find(List<Path> dataDirectories) throws IOException {
    Set<String> found = new TreeSet<>();
    int[] left = {MAX_DIRECTORIES};
    for (Path dataDirectory : dataDirectories) {
      find(dataDirectory, dataDirectory, MAX_DEPTH, left, found);
    }
    return List.copyOf(found);
  }

  private void find(Path root, Path directory, int depth, int[] left, Set<String> found)
      throws IOException {
    if (left[0]-- <= 0) {
      throw new IOException(
          "there are more than "
              + MAX_DIRECTORIES
              + " directories below "
              + root
              + ": a data directory should hold nothing but Ottla's files");
    }
    List<Path> children = children(directory);
    if (!directory.equals(root)) {
      if (isCluster(children)) {
        found.add(root.relativize(directory).toString().replace('\\', '/'));
        return;
      }
      if (children.stream().anyMatch(DeploymentFiles::isOne)) {
        LOG.info("another deployment's data directory is left alone: path={}", directory);
        return;
      }
    }
    if (depth > 0) {
      for (Path child : children) {
        if (SEGMENT.matcher(child.getFileName().toString()).matches()) {
          find(root, child, depth - 1, left, found);
        }
      }
    }
  }

  private boolean isCluster(List<Path> children) throws IOException {
    for (Path child : children) {
      String name = child.getFileName().toString();
      if (name.equals(ClusterFiles.NAME) || name.equals(ClusterFiles.COPY_NAME)) {
        return true;
      }
      if (BROKER.matcher(name).matches()
          && (disk.exists(child.resolve(BrokerFiles.NAME))
              || disk.exists(child.resolve(BrokerFiles.COPY_NAME)))) {
        return true;
      }
    }
    return false;
  }

  /** The brokers' directories in a cluster's directory. */
  List<Path> brokers(Path clusterDirectory) throws IOException {
    return children(clusterDirectory).stream()
        .filter(path -> BROKER.matcher(path.getFileName().toString()).matches())
        .toList();
  }

  /** Empty for what is not a directory, and for a link: nothing of ours lies behind one. */
  private List<Path> children(Path directory) throws IOException {
    if (Files.isSymbolicLink(directory)) {
      return List.of();
    }
    try {
      return disk.list(directory);
    } catch (NotDirectoryException e) {
      return List.of();
    }
  }
}
