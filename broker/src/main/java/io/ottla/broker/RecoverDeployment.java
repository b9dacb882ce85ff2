package io.ottla.broker;

import io.ottla.broker.identity.BrokerHomes;
import io.ottla.broker.identity.ClusterFile;
import io.ottla.broker.identity.ClusterFiles;
import io.ottla.broker.identity.ClusterFiles.Found;
import io.ottla.broker.identity.GroupRecovery;
import io.ottla.broker.identity.HomeAdoption;
import io.ottla.broker.store.PartitionDirectories;
import io.ottla.disk.Disk;
import io.ottla.replication.GroupSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The last way out, for data directories that no server has open: says what stands there, makes a
 * directory a broker's own where no start would, and makes one replica of a group all of them. One
 * owner; closing it frees the directories.
 */
public final class RecoverDeployment implements AutoCloseable {
  private final DeploymentLock lock;
  private final List<Path> dataDirectories;
  private final Disk disk;
  private final InstantSource wallClock;
  private final ClusterFiles files;

  private RecoverDeployment(
      DeploymentLock lock, List<Path> dataDirectories, Disk disk, InstantSource wallClock) {
    this.lock = lock;
    this.dataDirectories = dataDirectories;
    this.disk = disk;
    this.wallClock = wallClock;
    this.files = new ClusterFiles(disk, dataDirectories);
  }

  /**
   * Locks the data directories; touches nothing else.
   *
   * @throws IOException when one is missing or a server has it open
   */
  public static RecoverDeployment open(List<Path> dataDirectories, Disk disk, InstantSource clock)
      throws IOException {
    List<Path> real = new ArrayList<>();
    for (Path directory : dataDirectories) {
      real.add(directory.toRealPath());
    }
    return new RecoverDeployment(DeploymentLock.acquire(real), real, disk, clock);
  }

  /** Lines for a person: every cluster that lies there, and its brokers' directories. */
  public List<String> report() throws IOException {
    List<String> lines = new ArrayList<>();
    for (String logDirectory : files.search()) {
      switch (files.read(logDirectory)) {
        case Found.Damaged(String reason) ->
            lines.add("log_directory " + logDirectory + " is damaged: " + reason);
        case Found.Whole(ClusterFile file) -> {
          lines.add("cluster " + file.identity().name() + " in log_directory " + logDirectory);
          lines.addAll(adoption(file).report());
          unfinished(file).ifPresent(lines::add);
        }
      }
    }
    return lines;
  }

  private Optional<String> unfinished(ClusterFile file) {
    try {
      return GroupRecovery.unfinished(ground(file), file)
          .map(what -> "  " + what + ": run it again with --execute");
    } catch (IOException e) {
      return Optional.of("  a recovery was begun, and its files cannot be read: " + e);
    }
  }

  /**
   * What adopting a directory would do, and does if it is to be executed.
   *
   * @param logDirectory of the cluster
   * @param directory absolute
   * @return lines for a person; a refusal says why it cannot be
   */
  public Answer<List<String>> adopt(
      String logDirectory, int brokerId, Path directory, boolean execute) throws IOException {
    if (!(files.read(logDirectory) instanceof Found.Whole(ClusterFile file))) {
      return Answer.refused(
          RefusalCode.CLUSTER_NOT_FOUND, "there is no whole cluster in " + logDirectory);
    }
    HomeAdoption adoption = adoption(file);
    Path real = directory.toRealPath();
    Optional<String> objection = adoption.objection(brokerId, real);
    if (objection.isPresent()) {
      return Answer.refused(RefusalCode.BROKER_FAILED, objection.get());
    }
    List<String> lines = new ArrayList<>();
    lines.add(real + " becomes the directory of broker " + brokerId + ".");
    lines.add(
        "What it holds counts from then on as all that this broker has acked; events that were"
            + " acked later, and are on no other broker that is whole, are given up.");
    if (execute) {
      adoption.adopt(brokerId, real);
      lines.add("Done.");
    } else {
      lines.add("Nothing was changed; with --execute it is done.");
    }
    return Answer.ok(lines);
  }

  /**
   * What making one broker's replica of a group all its replicas would give up, and does it if it
   * is to be executed.
   *
   * @param cluster its name
   * @return lines for a person; a refusal says why it cannot be
   */
  public Answer<List<String>> recoverGroup(String cluster, int group, int from, boolean execute)
      throws IOException {
    Optional<ClusterFile> found = find(cluster);
    if (found.isEmpty()) {
      return noCluster(cluster);
    }
    if (group < 0 || group >= ClusterLayout.groups(found.get().identity()).size()) {
      return Answer.refused(RefusalCode.BROKER_FAILED, "there is no group " + group);
    }
    return recoverOne(found.get(), group, from, execute).then(lines -> ended(lines, execute));
  }

  /**
   * The same for all groups that the next start would find no leader for, one after the other. What
   * was begun is finished first: until then the others cannot be judged. Stopped half-way, it may
   * be run again.
   *
   * @return lines for a person; a refusal if some group needs it and it cannot be. The others are
   *     done then all the same, if it is to be executed
   */
  public Answer<List<String>> recoverAllGroups(String cluster, int from, boolean execute)
      throws IOException {
    Optional<ClusterFile> found = find(cluster);
    if (found.isEmpty()) {
      return noCluster(cluster);
    }
    List<String> lines = new ArrayList<>();
    Optional<Integer> begun = GroupRecovery.begunGroup(ground(found.get()), found.get());
    if (begun.isPresent()) {
      Answer<List<String>> answer = recoverOne(found.get(), begun.get(), from, execute);
      if (!(answer instanceof Answer.Ok<List<String>>(List<String> done)) || !execute) {
        return answer.then(shown -> ended(shown, execute));
      }
      lines.addAll(done);
    }
    boolean allCan = true;
    int groups = ClusterLayout.groups(found.get().identity()).size();
    for (int group = 0; group < groups; group++) {
      switch (recoverIfNeeded(cluster, group, from, execute)) {
        case Answer.Ok<List<String>>(List<String> done) -> lines.addAll(done);
        case Answer.Refused<List<String>>(Refusal refusal) -> {
          allCan = false;
          lines.addAll(refusal.detail().lines().toList());
          lines.add("  It is left as it is.");
        }
      }
    }
    return allCan
        ? ended(lines, execute)
        : Answer.refused(RefusalCode.BROKER_FAILED, "not all groups\n" + String.join("\n", lines));
  }

  private Answer<List<String>> recoverIfNeeded(String cluster, int group, int from, boolean execute)
      throws IOException {
    try {
      // Each recovery may have changed the cluster's file.
      ClusterFile file =
          find(cluster).orElseThrow(() -> new IOException("cluster " + cluster + " is gone"));
      return recovery(file, group).isNeeded()
          ? recoverOne(file, group, from, execute)
          : Answer.ok(List.of(title(file, group) + ": the next start finds a leader by itself"));
    } catch (IOException e) {
      throw new IOException(
          "group " + group + ": " + e.getMessage() + " (those before it need nothing any more)", e);
    }
  }

  /** One group's lines, without the last one. */
  private Answer<List<String>> recoverOne(ClusterFile file, int group, int from, boolean execute)
      throws IOException {
    GroupRecovery recovery = recovery(file, group);
    List<String> lines = new ArrayList<>();
    lines.add(title(file, group));
    lines.addAll(recovery.report());
    Optional<String> objection = recovery.objection(from);
    if (objection.isPresent()) {
      lines.add(objection.get());
      return Answer.refused(RefusalCode.BROKER_FAILED, String.join("\n", lines));
    }
    lines.addAll(
        recovery.isBegun(from)
            ? List.of("It was begun, and has only to be finished.")
            : recovery.givenUp(from));
    if (execute) {
      recovery.execute(from);
    }
    return Answer.ok(lines);
  }

  private static Answer<List<String>> ended(List<String> lines, boolean executed) {
    List<String> all = new ArrayList<>(lines);
    all.add(
        executed
            ? "Done. What was there before is set aside beside each broker's directory."
            : "Nothing was changed; with --execute it is done.");
    return Answer.ok(all);
  }

  private GroupRecovery recovery(ClusterFile file, int group) {
    List<GroupSpec> groups = ClusterLayout.groups(file.identity());
    return new GroupRecovery(
        ground(file),
        file,
        groups,
        groups.get(group),
        broker -> PartitionDirectories.groups(disk, broker));
  }

  private static String title(ClusterFile file, int group) {
    return "group " + group + " of cluster " + file.identity().name();
  }

  private static Answer<List<String>> noCluster(String cluster) {
    return Answer.refused(RefusalCode.CLUSTER_NOT_FOUND, "there is no whole cluster " + cluster);
  }

  private Optional<ClusterFile> find(String cluster) throws IOException {
    for (String logDirectory : files.search()) {
      if (files.read(logDirectory) instanceof Found.Whole(ClusterFile file)
          && file.identity().name().equals(cluster)) {
        return Optional.of(file);
      }
    }
    return Optional.empty();
  }

  private BrokerHomes.Ground ground(ClusterFile file) {
    ClusterClock clock =
        ClusterClock.open(
            file.identity().name(), disk, file.mainDirectory(dataDirectories), wallClock);
    return new BrokerHomes.Ground(disk, clock.clock(), dataDirectories);
  }

  private HomeAdoption adoption(ClusterFile file) {
    return new HomeAdoption(ground(file), file, ClusterLayout.groups(file.identity()));
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
