package io.ottla.broker.identity;

import io.ottla.broker.identity.BrokerHomes.Ground;
import io.ottla.replication.GroupSalvage;
import io.ottla.replication.GroupSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Makes one member's replica of a group the replica of all its members, where too few have what
 * they acked, because a person says so. One owner, who holds the deployment's lock.
 *
 * <h2>Restartable</h2>
 *
 * Copies are made beside the replicas first; until all are complete nothing has changed. Then
 * {@code recovery.json} and a copy of it say what is to be done: with one of them the cluster is
 * not started, and the next run goes on. They go last. Nothing is deleted: what was there is set
 * aside by renames.
 */
public final class GroupRecovery {
  private final Ground ground;
  private final HomeInspector inspector;
  private final HomeAdoption adoption;
  private final ClusterFile cluster;
  private final GroupSpec spec;
  private final Directories directories;

  /** Whose the directories of a broker's partitions are. */
  @FunctionalInterface
  public interface Directories {
    /** The data group of each, by its path relative to the broker's directory. */
    Map<Path, Integer> of(Path broker) throws IOException;
  }

  /** Of a group of the cluster of that file, whose groups those are. */
  public GroupRecovery(
      Ground ground,
      ClusterFile cluster,
      List<GroupSpec> groups,
      GroupSpec spec,
      Directories directories) {
    this.ground = ground;
    this.inspector = new HomeInspector(ground.disk(), ground.dataDirectories(), groups);
    this.adoption = new HomeAdoption(ground, cluster, groups);
    this.cluster = HomeInspector.moved(cluster, ground.dataDirectories());
    this.spec = spec;
    this.directories = directories;
  }

  /** A recovery of the cluster that was begun and not finished, in words. */
  public static Optional<String> unfinished(Ground ground, ClusterFile cluster) throws IOException {
    return find(ground, cluster).map(GroupRecovery::describe);
  }

  /** The group whose recovery was begun and not finished. */
  public static Optional<Integer> begunGroup(Ground ground, ClusterFile cluster)
      throws IOException {
    return find(ground, cluster).map(RecoveryFile::group);
  }

  private static Optional<RecoveryFile> find(Ground ground, ClusterFile cluster)
      throws IOException {
    return RecoveryFile.find(
        ground.disk(), ground.dataDirectories(), cluster.identity().logDirectory());
  }

  private static String describe(RecoveryFile file) {
    return "the recovery of group %d from broker %d was begun and is not finished"
        .formatted(file.group(), file.from());
  }

  /** Whether this group's recovery from that broker only has to be finished. */
  public boolean isBegun(int from) throws IOException {
    return find(ground, cluster).filter(file -> isThis(file, from)).isPresent();
  }

  private boolean isThis(RecoveryFile file, int from) {
    return file.group() == spec.number() && file.from() == from;
  }

  /** Whether the next start would find no leader for it by itself. */
  public boolean isNeeded() throws IOException {
    return !look().canElect();
  }

  /** Lines for a person: what each member has. */
  public List<String> report() throws IOException {
    return look().report();
  }

  private GroupSalvage look() throws IOException {
    return GroupSalvage.look(ground.disk(), spec, own());
  }

  /** The directories of the members that have theirs. */
  private Map<Integer, Path> own() throws IOException {
    Map<Integer, Path> own = new TreeMap<>();
    for (int member : spec.memberBrokerIds()) {
      HomeFinding found = inspector.find(cluster, member);
      if (found instanceof HomeFinding.Own) {
        own.put(member, HomeInspector.place(found.dataDirectory(), cluster, member));
      }
    }
    return own;
  }

  /** Why it cannot be; empty if it can. */
  public Optional<String> objection(int from) throws IOException {
    Optional<RecoveryFile> begun = find(ground, cluster);
    if (begun.isPresent()) {
      return isThis(begun.get(), from) ? Optional.empty() : begun.map(GroupRecovery::describe);
    }
    for (int member : spec.memberBrokerIds()) {
      HomeFinding found = inspector.find(cluster, member);
      if (!(found instanceof HomeFinding.Own) && !(found instanceof HomeFinding.Nothing)) {
        return Optional.of(
            "what stands in the place of broker "
                + member
                + " is not its current directory: adopt it, or move it away, before");
      }
    }
    GroupSalvage salvage = look();
    Optional<String> objection = salvage.objection(from);
    return objection.isPresent() ? objection : collision(salvage, from);
  }

  private Optional<String> collision(GroupSalvage salvage, int from) throws IOException {
    for (Map.Entry<Integer, Path> each : own().entrySet()) {
      Map<Path, Integer> groups = directories.of(each.getValue());
      for (Path arriving : salvage.arriving(from)) {
        int group = groups.getOrDefault(arriving, spec.number());
        if (each.getKey() != from && group != spec.number()) {
          return Optional.of(
              "directory %s of broker %d belongs to group %d: move it away before"
                  .formatted(arriving, each.getKey(), group));
        }
      }
    }
    return Optional.empty();
  }

  /** Lines for a person: what would be given up. */
  public List<String> givenUp(int from) throws IOException {
    List<String> lines = new ArrayList<>(look().givenUp(from));
    List<String> partitions = new ArrayList<>();
    for (Path each : owned(own().get(from))) {
      partitions.add(each.getFileName().toString());
    }
    lines.add(
        spec.number() == 0
            ? "At most topics, their settings and their deletion are given up."
            : "At most these partitions lose events: " + String.join(", ", partitions) + ".");
    return lines;
  }

  private List<Path> owned(Path broker) throws IOException {
    List<Path> owned = new ArrayList<>();
    directories
        .of(broker)
        .forEach(
            (path, group) -> {
              if (group == spec.number()) {
                owned.add(path);
              }
            });
    owned.sort(null);
    return owned;
  }

  /** Does it, or finishes it. */
  public void execute(int from) throws IOException {
    Optional<RecoveryFile> begun = find(ground, cluster);
    finish(begun.isPresent() ? begun.get() : begin(from));
  }

  private RecoveryFile begin(int from) throws IOException {
    for (int member : spec.memberBrokerIds()) {
      if (inspector.find(cluster, member) instanceof HomeFinding.Nothing) {
        adoption.makeAgain(member);
      }
    }
    Map<Integer, Path> places = places();
    GroupSalvage salvage = GroupSalvage.look(ground.disk(), spec, places);
    Map<Integer, List<Path>> owned = new HashMap<>();
    for (Map.Entry<Integer, Path> each : places.entrySet()) {
      owned.put(each.getKey(), owned(each.getValue()));
    }
    return new RecoveryFile(
        SealedJson.VERSION,
        spec.number(),
        from,
        new SetAside(ground.disk(), ground.clock()).mark(places.values(), "group-" + spec.number()),
        salvage.prepare(from, owned));
  }

  private Map<Integer, Path> places() throws IOException {
    Map<Integer, Path> places = new TreeMap<>();
    for (int member : spec.memberBrokerIds()) {
      Path dataDirectory = inspector.find(adoption.current(), member).dataDirectory();
      places.put(member, HomeInspector.place(dataDirectory, cluster, member));
    }
    return places;
  }

  private void finish(RecoveryFile file) throws IOException {
    file.write(
        ground.disk(),
        inspector.find(adoption.current(), file.from()).dataDirectory(),
        cluster.identity().logDirectory());
    Map<Integer, Path> places = places();
    Map<Integer, Path> aside = new HashMap<>();
    places.forEach(
        (member, place) ->
            aside.put(member, place.resolveSibling(place.getFileName() + file.aside())));
    file.swap().run(ground.disk(), spec, places, aside);
    RecoveryFile.remove(ground.disk(), ground.dataDirectories(), cluster.identity().logDirectory());
  }
}
