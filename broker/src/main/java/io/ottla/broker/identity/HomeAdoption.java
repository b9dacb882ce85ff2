package io.ottla.broker.identity;

import io.ottla.broker.identity.BrokerHomes.Ground;
import io.ottla.broker.identity.ClusterFile.Home;
import io.ottla.replication.GroupSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Says of a cluster that is not running what stands in its brokers' places, and makes a directory a
 * broker's own because a person says so. One owner, who holds the deployment's lock.
 */
public final class HomeAdoption {
  private final Ground ground;
  private final ClusterFiles clusterFiles;
  private final BrokerFiles brokerFiles;
  private final HomeInspector inspector;
  private final SetAside setAside;
  private ClusterFile current;

  /** Of the cluster of that file, whose groups those are. */
  public HomeAdoption(Ground ground, ClusterFile file, List<GroupSpec> groups) {
    this.ground = ground;
    this.clusterFiles = new ClusterFiles(ground.disk(), ground.dataDirectories());
    this.brokerFiles = new BrokerFiles(ground.disk());
    this.inspector = new HomeInspector(ground.disk(), ground.dataDirectories(), groups);
    this.setAside = new SetAside(ground.disk(), ground.clock());
    this.current = HomeInspector.moved(file, ground.dataDirectories());
  }

  /** Lines for a person: of each broker what stands in its place, and what was set aside. */
  public List<String> report() throws IOException {
    List<String> lines = new ArrayList<>();
    for (Home home : current.brokers()) {
      int id = home.id();
      lines.add("  broker " + id + ": " + describe(id));
      for (Path dataDirectory : ground.dataDirectories()) {
        lines.addAll(asideLines(HomeInspector.place(dataDirectory, current, id)));
      }
    }
    return lines;
  }

  private List<String> asideLines(Path place) {
    try {
      return setAside.of(place).stream()
          .map(
              each ->
                  "    set aside: %s (%s, since %s, %d bytes)"
                      .formatted(each.path(), each.reason(), each.since(), each.sizeBytes()))
          .toList();
    } catch (IOException e) {
      return List.of("    what was set aside beside " + place + " cannot be looked at: " + e);
    }
  }

  private String describe(int id) throws IOException {
    HomeFinding found;
    try {
      found = inspector.find(current, id);
    } catch (HomeRefusedException e) {
      return e.getMessage();
    } catch (NewerFormatException e) {
      throw e;
    } catch (IOException e) {
      return "its directory cannot be looked at: " + e;
    }
    Path place = HomeInspector.place(found.dataDirectory(), current, id);
    return switch (found) {
      case HomeFinding.Own own -> "has its directory " + place;
      case HomeFinding.Nothing nothing -> "its directory " + place + " is missing or empty";
      case HomeFinding.Unknown unknown ->
          "nothing says whose the directory "
              + place
              + " is"
              + (unknown.fits() ? "; its journals are of this cluster" : "");
      case HomeFinding.Other other -> place + " is not its current directory: " + other.reason();
      case HomeFinding.Failed failed -> place + " cannot be looked at: " + failed.cause();
    };
  }

  /**
   * Why a directory cannot become a broker's; empty if it can.
   *
   * @param directory absolute; what was set aside, or what stands in the broker's place
   */
  public Optional<String> objection(int id, Path directory) throws IOException {
    if (id < 1 || id > current.brokers().size()) {
      return Optional.of("there is no broker " + id);
    }
    if (inspector.find(current, id) instanceof HomeFinding.Own own) {
      return Optional.of(
          "broker "
              + id
              + " has its current directory "
              + HomeInspector.place(own.dataDirectory(), current, id));
    }
    if (!inspector.holdsItsGroups(directory, id)) {
      return Optional.of(directory + " holds no journals of this broker's groups");
    }
    for (BrokerFile file : brokerFiles.read(directory)) {
      if (!file.clusterId().equals(current.identity().clusterId()) || file.brokerId() != id) {
        return Optional.of(directory + " is another broker's: number " + file.brokerId());
      }
    }
    if (inspector.canBeRebuilt(current, id)) {
      return Optional.of(
          "the next start makes broker "
              + id
              + " again from the others, who have all that was acked: an older directory would"
              + " only give events up");
    }
    return Optional.empty();
  }

  /**
   * Makes the directory the broker's own, with a new incarnation; what stands in the place is set
   * aside. Restartable: until it is done, the broker's start is refused.
   */
  public void adopt(int id, Path directory) throws IOException {
    Path dataDirectory = inspector.find(current, id).dataDirectory();
    Path place = HomeInspector.place(dataDirectory, current, id);
    write(current.home(id).remade(dataDirectory.toString()));
    if (!directory.equals(place)) {
      if (ground.disk().exists(place)) {
        setAside.move(place, "replaced");
      }
      ground.disk().rename(directory, place);
    }
    brokerFiles.write(dataDirectory, place, BrokerFile.of(current, id));
    write(current.home(id).started());
  }

  /** Makes an empty directory for a broker that has none; what it held before is lost to it. */
  void makeAgain(int id) throws IOException {
    Path dataDirectory = inspector.find(current, id).dataDirectory();
    write(current.home(id).remade(dataDirectory.toString()));
    Path place = HomeInspector.place(dataDirectory, current, id);
    brokerFiles.write(dataDirectory, place, BrokerFile.of(current, id));
    write(current.home(id).started());
  }

  /** The cluster's file as it is now. */
  ClusterFile current() {
    return current;
  }

  private void write(Home home) throws IOException {
    List<Home> homes = new ArrayList<>(current.brokers());
    homes.set(home.id() - 1, home);
    current = current.next(current.state(), homes);
    clusterFiles.write(current);
  }
}
