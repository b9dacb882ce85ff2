package io.ottla.broker.identity;

import io.ottla.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The copies of a cluster's {@code cluster.json}. One owner at a time.
 *
 * <pre>{@code
 * <each data-dir>/<log_directory>/cluster.json     the same everywhere
 * <first data-dir>/<log_directory>/cluster.copy    so that there are always two
 * <data-dir>/<log_directory>/broker-k/broker.json  holds it as it was when broker k last started
 * }</pre>
 *
 * What is always true: the copy with the highest revision holds, as each write makes a higher one.
 * A damaged, missing or older copy is written anew from it. A cluster without a whole copy is
 * refused, and nothing of it is touched.
 */
public final class ClusterFiles {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterFiles.class);

  static final String NAME = "cluster.json";
  static final String COPY_NAME = "cluster.copy";

  private final Disk disk;
  private final List<Path> dataDirectories;
  private final ClusterSearch search;
  private final BrokerFiles brokers;
  private final SealedJson<ClusterFile> json;

  /** Over the data directories of a deployment. */
  public ClusterFiles(Disk disk, List<Path> dataDirectories) {
    this.disk = disk;
    this.dataDirectories = List.copyOf(dataDirectories);
    this.search = new ClusterSearch(disk);
    this.brokers = new BrokerFiles(disk);
    this.json =
        SealedJson.of(
            disk, ClusterFile.class, ClusterFile.Version1.class, ClusterFile.Version1::upgrade);
  }

  /** The log directories of all clusters that lie in the data directories. */
  public List<String> search() throws IOException {
    return search.find(dataDirectories);
  }

  /** The same where nothing depends on it: what cannot be looked at is left out, with a warning. */
  public List<String> searchIfPossible() {
    try {
      return search.find(dataDirectories);
    } catch (IOException e) {
      LOG.warn("data directories cannot be searched for clusters that are not listed", e);
      return List.of();
    }
  }

  /** Whether this is one of the files that say what a cluster is. */
  public static boolean isClusterFile(Path path) {
    String name = path.getFileName().toString();
    return name.equals(NAME) || name.equals(COPY_NAME);
  }

  /** What the copies of a cluster's file say together. */
  public sealed interface Found {
    /** One is whole, and the newest. */
    record Whole(ClusterFile file) implements Found {}

    /** None is whole, or they contradict each other; the reason is a clause. */
    record Damaged(String reason) implements Found {}
  }

  /**
   * Reads all copies; touches nothing. One that cannot be looked at is as good as a damaged one.
   *
   * @throws NewerFormatException when a newer build wrote one
   */
  public Found read(String logDirectory) throws NewerFormatException {
    List<IdentityRead<ClusterFile>> main = readMain(logDirectory);
    List<String> damage = new ArrayList<>();
    List<ClusterFile> inBrokers = inBrokers(logDirectory, damage);
    List<ClusterFile> whole = new ArrayList<>();
    main.forEach(read -> read.value().ifPresent(whole::add));
    if (whole.isEmpty()) {
      whole.addAll(inBrokers);
      if (whole.isEmpty()) {
        return new Found.Damaged(whyNone(logDirectory, main, damage));
      }
    }
    UUID id = whole.getFirst().identity().clusterId();
    if (whole.stream().anyMatch(file -> !file.identity().clusterId().equals(id))) {
      return new Found.Damaged("its directories hold the cluster.json of several clusters");
    }
    for (ClusterFile file : inBrokers) {
      if (file.identity().clusterId().equals(id)) {
        whole.add(file);
      }
    }
    ClusterFile newest =
        whole.stream().max(Comparator.comparingLong(ClusterFile::revision)).orElseThrow();
    if (!newest.identity().logDirectory().equals(logDirectory)) {
      return new Found.Damaged(
          "its cluster.json is that of a cluster in log_directory "
              + newest.identity().logDirectory()
              + ": was the directory moved or copied?");
    }
    return new Found.Whole(newest);
  }

  private List<IdentityRead<ClusterFile>> readMain(String logDirectory)
      throws NewerFormatException {
    List<IdentityRead<ClusterFile>> reads = new ArrayList<>();
    for (Path dataDirectory : dataDirectories) {
      reads.add(json.read(dataDirectory.resolve(logDirectory).resolve(NAME)));
      reads.add(json.read(dataDirectory.resolve(logDirectory).resolve(COPY_NAME)));
    }
    return reads;
  }

  /** What cannot be looked at is left out, and added to {@code damage}. */
  private List<ClusterFile> inBrokers(String logDirectory, List<String> damage)
      throws NewerFormatException {
    List<ClusterFile> found = new ArrayList<>();
    for (Path dataDirectory : dataDirectories) {
      for (Path broker : brokerPlaces(dataDirectory.resolve(logDirectory), damage)) {
        try {
          for (BrokerFile file : brokers.read(broker)) {
            file.cluster().ifPresent(found::add);
          }
        } catch (NewerFormatException e) {
          throw e;
        } catch (IOException e) {
          damage.add(leftOut(broker, e));
        }
      }
    }
    return found;
  }

  private List<Path> brokerPlaces(Path directory, List<String> damage) {
    try {
      return search.brokers(directory);
    } catch (IOException e) {
      damage.add(leftOut(directory, e));
      return List.of();
    }
  }

  private static String leftOut(Path path, IOException cause) {
    LOG.warn("directory cannot be looked at for copies of cluster.json: path={}", path, cause);
    return path + ": it cannot be read: " + cause;
  }

  private static String whyNone(
      String logDirectory, List<IdentityRead<ClusterFile>> main, List<String> inBrokers) {
    List<String> damage = new ArrayList<>();
    for (IdentityRead<ClusterFile> read : main) {
      read.damage().ifPresent(reason -> damage.add(read.path() + ": " + reason));
    }
    damage.addAll(inBrokers);
    return damage.isEmpty()
        ? "there is no cluster.json in log_directory "
            + logDirectory
            + ": is a data directory not mounted?"
        : String.join("; ", damage);
  }

  /**
   * Says what is wrong with the copies, and makes them all hold that file. A copy that cannot be
   * written stays as it is: its revision is lower.
   *
   * @throws IOException when none holds it then
   */
  void restore(ClusterFile file) throws IOException {
    String logDirectory = file.identity().logDirectory();
    Restored restored = new Restored();
    for (IdentityRead<ClusterFile> read : readMain(logDirectory)) {
      if (!paths(logDirectory).contains(read.path())) {
        continue;
      }
      Optional<String> complaint =
          switch (read) {
            case IdentityRead.Whole<ClusterFile>(Path path, ClusterFile found, boolean current) ->
                !current || found.revision() == file.revision()
                    ? Optional.empty()
                    : Optional.of("it is an older copy");
            case IdentityRead.Missing<ClusterFile>(Path path) ->
                file.revision() == 0 ? Optional.empty() : Optional.of("it is missing");
            case IdentityRead.Damaged<ClusterFile> damaged -> damaged.damage();
            case IdentityRead.Unreadable<ClusterFile> unreadable -> unreadable.damage();
          };
      complaint.ifPresent(
          reason ->
              LOG.warn(
                  "identity file restored from a copy: path={} because {}", read.path(), reason));
      restored.count(
          () -> {
            if (!json.holds(read, file)) {
              disk.createDirectories(read.path().getParent());
              json.write(read.path(), file);
            }
          });
    }
    restored.end();
  }

  /** Writes all copies. When this throws, some may have been written: then the new file holds. */
  void write(ClusterFile file) throws IOException {
    for (Path path : paths(file.identity().logDirectory())) {
      disk.createDirectories(path.getParent());
      json.write(path, file);
    }
  }

  private List<Path> paths(String logDirectory) {
    List<Path> paths = new ArrayList<>();
    for (Path dataDirectory : dataDirectories) {
      paths.add(dataDirectory.resolve(logDirectory).resolve(NAME));
    }
    paths.add(dataDirectories.getFirst().resolve(logDirectory).resolve(COPY_NAME));
    return paths;
  }
}
