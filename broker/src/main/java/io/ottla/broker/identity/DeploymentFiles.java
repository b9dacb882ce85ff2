package io.ottla.broker.identity;

import io.ottla.broker.identity.ClusterFiles.Found;
import io.ottla.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The copies of {@code deployment.json}: which clusters there are, and the next one's number. One
 * owner at a time.
 *
 * <pre>{@code
 * <each data-dir>/deployment.json    the same everywhere
 * <first data-dir>/deployment.copy   so that there are always two
 * }</pre>
 *
 * What is always true: the copy with the highest revision holds. Without a whole one the clusters
 * that lie in the data directories are listed anew, if each of them is whole; a number is never
 * given again while its cluster is there. A newer format is refused before anything is touched.
 */
public final class DeploymentFiles {
  private static final Logger LOG = LoggerFactory.getLogger(DeploymentFiles.class);

  private static final String NAME = "deployment.json";
  private static final String COPY_NAME = "deployment.copy";

  private final List<Path> paths;
  private final SealedJson<DeploymentFile> json;
  private DeploymentFile current;

  private DeploymentFiles(Disk disk, List<Path> dataDirectories) {
    this.paths = new ArrayList<>();
    for (Path dataDirectory : dataDirectories) {
      paths.add(dataDirectory.resolve(NAME));
    }
    paths.add(dataDirectories.getFirst().resolve(COPY_NAME));
    this.json =
        SealedJson.of(
            disk,
            DeploymentFile.class,
            DeploymentFile.Version1.class,
            DeploymentFile.Version1::upgrade);
    this.current = DeploymentFile.fresh();
  }

  /** Whether a file makes the directory that it lies in a deployment's. */
  static boolean isOne(Path file) {
    String name = file.getFileName().toString();
    return name.equals(NAME) || name.equals(COPY_NAME);
  }

  /**
   * Reads the deployment's file, lists its clusters anew if it is lost, and writes all copies.
   *
   * @throws IOException when it must not be opened; nothing was touched then
   */
  public static DeploymentFiles open(Disk disk, List<Path> dataDirectories, ClusterFiles clusters)
      throws IOException {
    DeploymentFiles files = new DeploymentFiles(disk, dataDirectories);
    List<IdentityRead<DeploymentFile>> reads = new ArrayList<>();
    for (Path path : files.paths) {
      reads.add(files.json.read(path));
    }
    files.choose(reads, clusters);
    files.restore(reads);
    return files;
  }

  private void choose(List<IdentityRead<DeploymentFile>> reads, ClusterFiles clusters)
      throws IOException {
    List<IdentityRead<DeploymentFile>> whole =
        reads.stream().filter(read -> read.value().isPresent()).toList();
    for (IdentityRead<DeploymentFile> read : whole) {
      int format = read.value().orElseThrow().format();
      if (format > DeploymentFile.FORMAT) {
        throw new NewerFormatException(read.path(), "format", format, DeploymentFile.FORMAT);
      }
    }
    if (whole.isEmpty()) {
      current = listedAnew(reads, clusters.search(), clusters);
      return;
    }
    DeploymentFile newest =
        whole.stream()
            .map(read -> read.value().orElseThrow())
            .max(Comparator.comparingLong(DeploymentFile::revision))
            .orElseThrow();
    refuseStrangers(whole, newest);
    int next = newest.nextClusterNumber();
    for (String logDirectory : clusters.searchIfPossible()) {
      if (clusters.read(logDirectory) instanceof Found.Whole(ClusterFile file)) {
        next = Math.max(next, file.identity().number() + 1);
      }
    }
    current =
        next == newest.nextClusterNumber() && !newest.deploymentId().equals(DeploymentFile.NO_ID)
            ? newest
            : newest.next(next, newest.logDirectories());
  }

  private static void refuseStrangers(
      List<IdentityRead<DeploymentFile>> whole, DeploymentFile newest) throws IOException {
    for (IdentityRead<DeploymentFile> read : whole) {
      DeploymentFile file = read.value().orElseThrow();
      UUID id = file.deploymentId();
      boolean own =
          id.equals(DeploymentFile.NO_ID)
              ? newest.logDirectories().containsAll(file.logDirectories())
              : id.equals(newest.deploymentId());
      if (!own) {
        throw new IOException(
            read.path()
                + " belongs to another deployment than the other data directories: give each"
                + " deployment directories of its own");
      }
    }
  }

  private static DeploymentFile listedAnew(
      List<IdentityRead<DeploymentFile>> reads, List<String> found, ClusterFiles clusters)
      throws IOException {
    List<String> damaged = new ArrayList<>();
    for (IdentityRead<DeploymentFile> read : reads) {
      read.damage().ifPresent(reason -> damaged.add(read.path() + ": " + reason));
    }
    if (found.isEmpty() && damaged.isEmpty()) {
      LOG.info("new deployment: path={}", reads.getFirst().path());
      return DeploymentFile.fresh().next(0, List.of());
    }
    String lost =
        damaged.isEmpty() ? reads.getFirst().path() + " is missing" : String.join("; ", damaged);
    if (found.isEmpty()) {
      throw new IOException(
          lost
              + "; and no cluster is found in the data directories to list anew: put the file back"
              + " from a backup, or remove it to begin an empty deployment");
    }
    int next = 0;
    for (String logDirectory : found) {
      Found read = clusters.read(logDirectory);
      if (read instanceof Found.Damaged(String reason)) {
        throw new IOException(
            lost
                + "; and the cluster in log_directory "
                + logDirectory
                + " cannot be listed anew, as "
                + reason
                + ": put one of these files back from a backup, or move that directory away");
      }
      if (read instanceof Found.Whole(ClusterFile file)) {
        next = Math.max(next, file.identity().number() + 1);
      }
    }
    LOG.warn(
        "deployment.json is lost and made anew from the clusters found: reason={} logDirectories={}"
            + " nextClusterNumber={}",
        lost,
        found,
        next);
    return DeploymentFile.fresh().next(next, found);
  }

  private void restore(List<IdentityRead<DeploymentFile>> reads) throws IOException {
    Restored restored = new Restored();
    for (IdentityRead<DeploymentFile> read : reads) {
      read.damage()
          .ifPresent(
              reason ->
                  LOG.warn(
                      "identity file restored from a copy: path={} because {}",
                      read.path(),
                      reason));
      restored.count(
          () -> {
            if (!json.holds(read, current)) {
              json.write(read.path(), current);
            }
          });
    }
    restored.end();
  }

  /** The number of the next cluster. */
  public int nextClusterNumber() {
    return current.nextClusterNumber();
  }

  /** Where clusters are, each once. */
  public List<String> logDirectories() {
    return current.logDirectories();
  }

  /** Takes the next number, for ever. */
  public void takeNumber() throws IOException {
    write(current.next(current.nextClusterNumber() + 1, current.logDirectories()));
  }

  /** Lists a cluster. */
  public void add(String logDirectory) throws IOException {
    Set<String> more = new LinkedHashSet<>(current.logDirectories());
    more.add(logDirectory);
    write(current.next(current.nextClusterNumber(), List.copyOf(more)));
  }

  /** Forgets a cluster. */
  public void remove(String logDirectory) throws IOException {
    List<String> less =
        current.logDirectories().stream().filter(each -> !each.equals(logDirectory)).toList();
    write(current.next(current.nextClusterNumber(), less));
  }

  /** When this throws, some copies may have been written: the next start takes the newest. */
  private void write(DeploymentFile next) throws IOException {
    DeploymentFile before = current;
    current = next;
    try {
      for (Path path : paths) {
        json.write(path, next);
      }
    } catch (IOException e) {
      // Numbers stay taken; the list is the one before, of a higher revision at the next write.
      current =
          new DeploymentFile(
              next.version(),
              next.format(),
              next.deploymentId(),
              next.revision(),
              next.nextClusterNumber(),
              before.logDirectories());
      throw e;
    }
  }
}
