package io.ottla.broker.identity;

import io.ottla.broker.identity.ClusterFile.Home;
import io.ottla.disk.Disk;
import io.ottla.replication.GroupSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at what stands in brokers' places; touches nothing. Immutable, thread-safe.
 *
 * <p>A broker lives in the data directory that its cluster's file names. If it is whole in another
 * one that is given, it is found there.
 */
final class HomeInspector {
  private static final Logger LOG = LoggerFactory.getLogger(HomeInspector.class);

  /** Where a broker keeps what it must not lose. */
  private static final List<String> DATA = List.of("raft", "checkpoints", "topics", "rebuild");

  private final Disk disk;
  private final BrokerFiles files;
  private final List<Path> dataDirectories;
  private final List<GroupSpec> groups;

  HomeInspector(Disk disk, List<Path> dataDirectories, List<GroupSpec> groups) {
    this.disk = disk;
    this.files = new BrokerFiles(disk);
    this.dataDirectories = dataDirectories;
    this.groups = groups;
  }

  /**
   * The cluster's file for the data directories that are given. If there is, and was, one only, it
   * may have another path today: then all homes are there, those too that cannot be started now.
   */
  static ClusterFile moved(ClusterFile cluster, List<Path> dataDirectories) {
    boolean isOne =
        dataDirectories.size() == 1
            && cluster.brokers().stream().map(Home::dataDirectory).distinct().count() == 1;
    if (!isOne) {
      return cluster;
    }
    String now = dataDirectories.getFirst().toString();
    return new ClusterFile(
        cluster.version(),
        cluster.revision(),
        cluster.state(),
        cluster.identity(),
        cluster.brokers().stream().map(home -> home.movedTo(now)).toList());
  }

  static Path place(Path dataDirectory, ClusterFile cluster, int id) {
    return dataDirectory.resolve(cluster.identity().logDirectory()).resolve("broker-" + id);
  }

  /** Where a broker is made that has no place yet: spread over the data directories. */
  Path firstPlace(int id) {
    return dataDirectories.get((id - 1) % dataDirectories.size());
  }

  /**
   * What there is of a broker.
   *
   * @throws HomeRefusedException when its data directory is not among those given, and it is in no
   *     other one
   * @throws IOException when that cannot be found out
   */
  HomeFinding find(ClusterFile cluster, int id) throws IOException {
    String written = cluster.home(id).dataDirectory();
    Path expected = written.isEmpty() ? firstPlace(id) : Path.of(written);
    List<Path> candidates = new ArrayList<>(dataDirectories);
    boolean given = candidates.remove(expected);
    if (given) {
      candidates.addFirst(expected);
    }
    Optional<HomeFinding> own = Optional.empty();
    for (Path candidate : candidates) {
      HomeFinding found = look(candidate, cluster, id);
      if (found instanceof HomeFinding.Own && own.isPresent()) {
        LOG.warn(
            "broker has two directories that say they are its own: cluster={} broker={} used={}"
                + " ignored={}",
            cluster.identity().name(),
            id,
            place(own.get().dataDirectory(), cluster, id),
            place(candidate, cluster, id));
      } else if (found instanceof HomeFinding.Own) {
        own = Optional.of(found);
      }
    }
    if (own.isPresent()) {
      return own.get();
    }
    if (!given) {
      throw new HomeRefusedException(
          "broker "
              + id
              + " of cluster "
              + cluster.identity().name()
              + " lives in data directory "
              + expected
              + ", which is not among those given: give it again with --data-dir; an empty"
              + " directory there is filled from the other brokers");
    }
    return look(expected, cluster, id);
  }

  private HomeFinding look(Path dataDirectory, ClusterFile cluster, int id) throws IOException {
    Path place = place(dataDirectory, cluster, id);
    List<BrokerFile> whole = files.read(place);
    for (BrokerFile file : whole) {
      if (file.strangeness(cluster, id).isEmpty()) {
        return new HomeFinding.Own(dataDirectory, file.generation(), whole.size() == 2);
      }
    }
    boolean holdsData = false;
    for (String name : DATA) {
      holdsData |= !disk.list(place.resolve(name)).isEmpty();
    }
    if (!whole.isEmpty()) {
      String reason = whole.getFirst().strangeness(cluster, id).orElseThrow();
      return holdsData
          ? new HomeFinding.Other(dataDirectory, reason)
          : new HomeFinding.Nothing(dataDirectory);
    }
    return holdsData
        ? new HomeFinding.Unknown(
            dataDirectory, holdsItsGroups(place, id), String.join("; ", files.damage(place)))
        : new HomeFinding.Nothing(dataDirectory);
  }

  /**
   * Whether a broker that is not there can be made again: more than half of the other members of
   * each of its groups are in {@code own}.
   */
  boolean canBeRebuilt(int id, Set<Integer> own) {
    for (GroupSpec group : groups) {
      if (group.memberBrokerIds().contains(id)) {
        List<Integer> others =
            group.memberBrokerIds().stream().filter(member -> member != id).toList();
        if (others.stream().filter(own::contains).count() * 2 <= others.size()) {
          return false;
        }
      }
    }
    return true;
  }

  /** The same with the brokers that have their directories now. */
  boolean canBeRebuilt(ClusterFile cluster, int id) throws IOException {
    Set<Integer> own = new TreeSet<>();
    for (Home home : cluster.brokers()) {
      if (find(cluster, home.id()) instanceof HomeFinding.Own) {
        own.add(home.id());
      }
    }
    return canBeRebuilt(id, own);
  }

  /** Whether the journals in a directory are those of groups that this broker is a member of. */
  boolean holdsItsGroups(Path place, int id) throws IOException {
    Set<String> expected =
        groups.stream()
            .filter(group -> group.memberBrokerIds().contains(id))
            .map(group -> group.id().toString())
            .collect(Collectors.toSet());
    List<String> there =
        disk.list(place.resolve("raft")).stream()
            .map(path -> path.getFileName().toString())
            .toList();
    return !there.isEmpty() && expected.containsAll(there);
  }
}
