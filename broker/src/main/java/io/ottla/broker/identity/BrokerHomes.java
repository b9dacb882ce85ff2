package io.ottla.broker.identity;

import io.ottla.broker.identity.ClusterFile.Home;
import io.ottla.broker.time.GuardedClock;
import io.ottla.disk.Disk;
import io.ottla.metadata.ClusterIdentity;
import io.ottla.replication.GroupSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides for each broker of a cluster, before each of its starts, which directory is its own, and
 * makes a broker again whose directory is not there.
 *
 * <h2>What is always true</h2>
 *
 * <ul>
 *   <li>Nothing is deleted because something is missing. What stands in a broker's place and is not
 *       its current directory is set aside by a rename.
 *   <li>A broker is made again only while more than half of the other members of each of its groups
 *       have their directories. Otherwise nothing is touched and its start is refused.
 *   <li>{@code cluster.json} gets the new incarnation, durably, before the broker is made again;
 *       its directory gets it before it hosts anything. So the directory of before is told by its
 *       old one, whenever it comes back.
 *   <li>Each start raises the broker's generation, there first and here second. So a copy made
 *       before the last start is told by its lower one, and a broker that was merely down is not.
 * </ul>
 *
 * <h2>Threads</h2>
 *
 * Thread-safe. One lock, held while files are read and written: only those wait who start brokers
 * of this cluster or end it, nobody who serves.
 */
public final class BrokerHomes {
  private static final Logger LOG = LoggerFactory.getLogger(BrokerHomes.class);

  private final Ground ground;
  private final ClusterFiles clusterFiles;
  private final BrokerFiles brokerFiles;
  private final HomeInspector inspector;
  private final SetAside setAside;
  private final List<Path> dataDirectories;
  private final List<GroupSpec> groups;

  /** Guards the fields below, and the files. */
  private final ReentrantLock lock = new ReentrantLock();

  private ClusterFile current;

  /** What was decided when all were opened together, until each is started for the first time. */
  private final Map<Integer, Decision> decided = new HashMap<>();

  /** Where and on what a cluster's homes are, and the cluster's clock. */
  public record Ground(Disk disk, GuardedClock clock, List<Path> dataDirectories) {}

  private sealed interface Decision {
    record Start(boolean known) implements Decision {}

    record Refuse(HomeRefusedException why) implements Decision {}

    static Refuse refuse(String reason, IOException cause) {
      return new Refuse(new HomeRefusedException(reason, cause));
    }
  }

  /** Of the cluster of that file, whose groups those are. */
  public BrokerHomes(Ground ground, ClusterFile file, List<GroupSpec> groups) {
    this.ground = ground;
    this.clusterFiles = new ClusterFiles(ground.disk(), ground.dataDirectories());
    this.brokerFiles = new BrokerFiles(ground.disk());
    this.inspector = new HomeInspector(ground.disk(), ground.dataDirectories(), groups);
    this.setAside = new SetAside(ground.disk(), ground.clock());
    this.dataDirectories = List.copyOf(ground.dataDirectories());
    this.groups = List.copyOf(groups);
    this.current = HomeInspector.moved(file, ground.dataDirectories());
  }

  /** The file of a new cluster, which nothing lists yet. */
  public static ClusterFile newCluster(ClusterIdentity identity) {
    return new ClusterFile(
        SealedJson.VERSION,
        0,
        ClusterFile.State.CREATING,
        identity,
        ClusterFile.newHomes(identity));
  }

  /** Writes a new cluster's first file: it says that the cluster is half there. */
  public void announce() throws IOException {
    lock.lock();
    try {
      write(ClusterFile.State.CREATING, current.brokers());
    } finally {
      lock.unlock();
    }
  }

  /** Makes the directories of a new cluster's brokers. */
  public void create() throws IOException {
    lock.lock();
    try {
      List<Home> homes = new ArrayList<>();
      for (Home home : current.brokers()) {
        homes.add(
            home.startingFrom(0).movedTo(inspector.firstPlace(home.id()).toString()).started());
      }
      write(ClusterFile.State.CREATING, homes);
      for (Home home : homes) {
        writeBroker(home.id());
        decided.put(home.id(), new Decision.Start(false));
      }
    } finally {
      lock.unlock();
    }
  }

  /** From now on the cluster is whole: a start never removes it. */
  public void ready() throws IOException {
    lock.lock();
    try {
      write(ClusterFile.State.READY, current.brokers());
      for (Home home : current.brokers()) {
        writeBroker(home.id());
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * From now on the cluster is to be removed, also by the next start.
   *
   * @throws IOException when that could not be written everywhere; then it was taken back, or
   *     {@link #isReady} is false
   */
  public void deleting() throws IOException {
    lock.lock();
    try {
      ClusterFile before = current;
      try {
        write(ClusterFile.State.DELETING, before.brokers());
      } catch (IOException e) {
        takeBack(before, e);
        throw e;
      }
    } finally {
      lock.unlock();
    }
  }

  private void takeBack(ClusterFile before, IOException failure) {
    if (before.state() != ClusterFile.State.READY) {
      return;
    }
    try {
      write(ClusterFile.State.READY, before.brokers());
    } catch (IOException e) {
      failure.addSuppressed(e);
      current = current.next(ClusterFile.State.DELETING, before.brokers());
    }
  }

  /** Whether the cluster is whole and is not to be removed. */
  public boolean isReady() {
    lock.lock();
    try {
      return current.state() == ClusterFile.State.READY;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Decides for all brokers together, before the first of them is started.
   *
   * @throws HomeRefusedException when a broker's data directory is not among those given: nothing
   *     was touched
   * @throws IOException when {@code cluster.json} cannot be written, or a group's recovery is not
   *     finished
   */
  public void open() throws IOException {
    lock.lock();
    try {
      Optional<String> unfinished = GroupRecovery.unfinished(ground, current);
      if (unfinished.isPresent()) {
        throw new IOException(unfinished.get() + ": see ./ottla recover");
      }
      Map<Integer, HomeFinding> found = findAll();
      for (HomeFinding each : found.values()) {
        if (each instanceof HomeFinding.Failed(Path where, HomeRefusedException cause)) {
          throw cause;
        }
      }
      clusterFiles.restore(current);
      decided.putAll(decide(found, found.keySet()));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Must be called before each start of a broker: makes sure that {@link #directory} is its own.
   *
   * @return whether it has been part of the cluster before: then what is missing there is lost, and
   *     comes from the others
   * @throws HomeRefusedException when it must not start
   */
  public boolean prepare(int id) throws IOException {
    lock.lock();
    try {
      Decision decision = decided.remove(id);
      if (decision == null) {
        decision = decide(findAll(), Set.of(id)).get(id);
      }
      return switch (decision) {
        case Decision.Start(boolean known) -> known;
        case Decision.Refuse(HomeRefusedException why) -> throw why;
      };
    } finally {
      lock.unlock();
    }
  }

  /** Where a broker lives. */
  public Path directory(int id) {
    lock.lock();
    try {
      return HomeInspector.place(dataDirectory(id), current, id);
    } finally {
      lock.unlock();
    }
  }

  private Path dataDirectory(int id) {
    String written = current.home(id).dataDirectory();
    return written.isEmpty() ? inspector.firstPlace(id) : Path.of(written);
  }

  /** Moves parts of a broker's directory, given relative to it, out of it; deletes nothing. */
  public void setAside(int id, List<Path> parts) throws IOException {
    setAside.moveParts(directory(id), parts, "unknown-partitions");
  }

  /** What was set aside, of all brokers, the oldest of each first. */
  public List<SetAsideDirectory> setAside() throws IOException {
    List<SetAsideDirectory> all = new ArrayList<>();
    int brokers = groups.getFirst().memberBrokerIds().size();
    for (int id = 1; id <= brokers; id++) {
      for (Path dataDirectory : dataDirectories) {
        all.addAll(setAside.of(HomeInspector.place(dataDirectory, current(), id)));
      }
    }
    return all;
  }

  private ClusterFile current() {
    lock.lock();
    try {
      return current;
    } finally {
      lock.unlock();
    }
  }

  private Map<Integer, HomeFinding> findAll() throws NewerFormatException {
    Map<Integer, HomeFinding> found = new TreeMap<>();
    for (Home home : current.brokers()) {
      try {
        found.put(home.id(), inspector.find(current, home.id()));
      } catch (NewerFormatException e) {
        throw e;
      } catch (IOException e) {
        found.put(home.id(), new HomeFinding.Failed(dataDirectory(home.id()), e));
      }
    }
    return found;
  }

  private Map<Integer, Decision> decide(Map<Integer, HomeFinding> found, Set<Integer> starting) {
    Set<Integer> own = new TreeSet<>();
    found.forEach(
        (id, each) -> {
          if (each instanceof HomeFinding.Own || adopts(id, found)) {
            own.add(id);
          }
        });
    Map<Integer, Decision> decisions = new HashMap<>();
    Map<Integer, HomeFinding> go = new TreeMap<>();
    for (int id : starting) {
      HomeFinding finding = found.get(id);
      IOException failure = finding instanceof HomeFinding.Failed failed ? failed.cause() : null;
      if (failure == null && (own.contains(id) || inspector.canBeRebuilt(id, own))) {
        go.put(id, finding);
      } else {
        decisions.put(id, Decision.refuse(refusal(id, finding), failure));
      }
    }
    decisions.putAll(settle(go, own));
    return decisions;
  }

  /**
   * Whether a directory without identity is taken for the broker's: nobody has an identity, so
   * nobody can be made again from the others, and its journals are those of the cluster's groups.
   */
  private static boolean adopts(int id, Map<Integer, HomeFinding> found) {
    boolean nobodyHasIdentity =
        found.values().stream()
            .allMatch(
                each -> each instanceof HomeFinding.Unknown || each instanceof HomeFinding.Nothing);
    return nobodyHasIdentity
        && found.get(id) instanceof HomeFinding.Unknown unknown
        && unknown.fits();
  }

  private String refusal(int id, HomeFinding found) {
    String place = directory(id).toString();
    String what =
        switch (found) {
          case HomeFinding.Nothing nothing -> "its directory " + place + " is missing or empty";
          case HomeFinding.Other(Path dataDirectory, String reason) ->
              "its directory " + place + " is not its current one: " + reason;
          case HomeFinding.Unknown(Path dataDirectory, boolean fits, String damage) ->
              "nothing says whose the directory "
                  + place
                  + " is"
                  + (damage.isEmpty() ? ": its broker.json is missing" : ": " + damage);
          case HomeFinding.Failed(Path dataDirectory, IOException cause) ->
              "its directory " + place + " cannot be looked at: " + cause.getMessage();
          case HomeFinding.Own own -> throw new IllegalStateException("its own: " + place);
        };
    return "broker "
        + id
        + " of cluster "
        + current.identity().name()
        + " is not started, and nothing was touched: "
        + what
        + (found instanceof HomeFinding.Failed
            ? ""
            : "; and too few other brokers have theirs to make it again from. Put the right"
                + " directory back, or see ./ottla recover");
  }

  /** Writes down that these start, and sets aside and makes again what is not their own. */
  private Map<Integer, Decision> settle(Map<Integer, HomeFinding> go, Set<Integer> own) {
    Map<Integer, Decision> decisions = new HashMap<>();
    if (go.isEmpty()) {
      return decisions;
    }
    List<Home> homes = new ArrayList<>(current.brokers());
    go.forEach(
        (id, finding) -> {
          String where = finding.dataDirectory().toString();
          Home home = homes.get(id - 1).movedTo(where);
          homes.set(id - 1, next(home, finding, own.contains(id)));
        });
    try {
      write(current.state(), homes);
    } catch (IOException e) {
      LOG.warn("start of brokers cannot be written down: cluster={}", name(), e);
      go.forEach((id, finding) -> decisions.put(id, withoutNote(id, own.contains(id), e)));
      return decisions;
    }
    // Whose own file could not be written stays as starting: then its older one counts as well.
    Set<Integer> noted = new HashSet<>();
    go.forEach((id, finding) -> decisions.put(id, settleOne(id, finding, own.contains(id), noted)));
    List<Home> after = new ArrayList<>(homes);
    for (int id : noted) {
      after.set(id - 1, homes.get(id - 1).started());
    }
    try {
      write(current.state(), after);
    } catch (IOException e) {
      LOG.warn("start of brokers cannot be written down: cluster={}", name(), e);
    }
    return decisions;
  }

  private static Home next(Home home, HomeFinding finding, boolean own) {
    return switch (finding) {
      case HomeFinding.Own found -> home.startingFrom(found.generation());
      default -> own ? home.startingFrom(home.generation()) : home.remade(home.dataDirectory());
    };
  }

  /** A full disk keeps no broker from its own directory: an old copy is only told less surely. */
  private static Decision withoutNote(int id, boolean own, IOException failure) {
    return own
        ? new Decision.Start(true)
        : Decision.refuse(
            "broker " + id + " cannot be made again: cluster.json cannot be written: " + failure,
            failure);
  }

  /** Adds it to those that are noted once its directory says what {@code cluster.json} says. */
  private Decision settleOne(int id, HomeFinding finding, boolean own, Set<Integer> noted) {
    Path place = HomeInspector.place(finding.dataDirectory(), current, id);
    try {
      if (!own) {
        makeRoom(id, place, finding);
      } else if (!(finding
          instanceof HomeFinding.Own(Path dataDirectory, long generation, boolean isWhole))) {
        LOG.warn("directory without identity adopted: cluster={} broker={}", name(), id);
      } else if (!isWhole) {
        LOG.warn("broker.json restored: cluster={} broker={} directory={}", name(), id, place);
      }
      writeBroker(id);
      noted.add(id);
      if (own) {
        setAside.prune(place);
      }
      return new Decision.Start(true);
    } catch (IOException e) {
      LOG.warn("identity of a broker cannot be written: cluster={} broker={}", name(), id, e);
      return own
          ? new Decision.Start(true)
          : Decision.refuse("broker " + id + " cannot be made again: " + e, e);
    }
  }

  private void makeRoom(int id, Path place, HomeFinding finding) throws IOException {
    String reason =
        switch (finding) {
          case HomeFinding.Nothing nothing -> "missing";
          case HomeFinding.Unknown unknown -> "no-identity";
          case HomeFinding.Other(Path dataDirectory, String why) -> why;
          case HomeFinding.Own own -> throw new IllegalStateException("its own: " + place);
          case HomeFinding.Failed failed -> throw new IllegalStateException("failed: " + place);
        };
    if (!(finding instanceof HomeFinding.Nothing)) {
      setAside.move(place, reason);
    }
    LOG.warn(
        "broker is made again and rebuilt from the others: cluster={} broker={} reason={}",
        name(),
        id,
        reason);
  }

  private void writeBroker(int id) throws IOException {
    Path dataDirectory = Path.of(current.home(id).dataDirectory());
    brokerFiles.write(
        dataDirectory, HomeInspector.place(dataDirectory, current, id), BrokerFile.of(current, id));
  }

  private String name() {
    return current.identity().name();
  }

  /** When this throws, the next write has a higher revision than what may have been written. */
  private void write(ClusterFile.State state, List<Home> homes) throws IOException {
    ClusterFile before = current;
    ClusterFile next = before.next(state, homes);
    current = next;
    try {
      clusterFiles.write(next);
    } catch (IOException e) {
      current = next.next(before.state(), before.brokers());
      throw e;
    }
  }
}
