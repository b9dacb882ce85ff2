package io.ottla.broker.identity;

import io.ottla.metadata.BrokerIdentity;
import io.ottla.metadata.ClusterIdentity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/**
 * The content of {@code cluster.json}. Immutable.
 *
 * @param version of this file
 * @param revision grows with each write: of two copies the higher one holds
 * @param identity what the cluster is, never changed
 * @param brokers which directory is each broker's, broker k as element k - 1
 */
public record ClusterFile(
    int version, long revision, State state, ClusterIdentity identity, List<Home> brokers) {

  /** How far a cluster's life is. */
  public enum State {
    CREATING,
    READY,
    DELETING
  }

  /**
   * Which directory is a broker's. The directory says the same of itself in {@link BrokerFile}.
   *
   * @param id the broker's, from 1
   * @param incarnation random; another one whenever the broker is made again
   * @param generation counts its starts: a directory with a lower one is an old copy
   * @param starting whether the generation was raised here and perhaps not yet in the directory:
   *     then the one before is as good
   * @param dataDirectory the data directory that it lives in, absolute
   */
  record Home(int id, UUID incarnation, long generation, boolean starting, String dataDirectory) {
    Home {
      Objects.requireNonNull(incarnation, "incarnation");
      Objects.requireNonNull(dataDirectory, "dataDirectory");
    }

    /**
     * For a start of the broker from a directory of that generation: exactly that one and the new
     * one are its own until it has started, however often the start is ended by a crash.
     */
    Home startingFrom(long directoryGeneration) {
      return new Home(id, incarnation, directoryGeneration + 1, true, dataDirectory);
    }

    Home started() {
      return new Home(id, incarnation, generation, false, dataDirectory);
    }

    /** For a broker that is made again, in that data directory. */
    Home remade(String where) {
      return new Home(id, UUID.randomUUID(), Math.max(generation, 1) + 1, true, where);
    }

    Home movedTo(String where) {
      return new Home(id, incarnation, generation, starting, where);
    }
  }

  public ClusterFile {
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(identity, "identity");
    brokers = List.copyOf(brokers);
    if (brokers.size() != identity.brokers().size()) {
      throw new IllegalArgumentException("homes of " + brokers.size() + " brokers");
    }
    for (int i = 0; i < brokers.size(); i++) {
      if (brokers.get(i).id() != i + 1) {
        throw new IllegalArgumentException("home of " + brokers.get(i).id() + " at " + i);
      }
    }
  }

  /**
   * Where the cluster keeps what is only there once: its directory in the data directory of broker
   * 1, or in the first of those given if that one is not among them.
   */
  public Path mainDirectory(List<Path> dataDirectories) {
    Path written = Path.of(brokers.getFirst().dataDirectory());
    Path dataDirectory = dataDirectories.contains(written) ? written : dataDirectories.getFirst();
    return dataDirectory.resolve(identity.logDirectory());
  }

  /** An older build's, which knew nothing of homes. */
  record Version1(int version, State state, ClusterIdentity identity) {
    ClusterFile upgrade() {
      return new ClusterFile(SealedJson.VERSION, 0, state, identity, newHomes(identity));
    }
  }

  /** Homes that are still to be found or made: generation 0, nowhere. */
  static List<Home> newHomes(ClusterIdentity identity) {
    List<Home> homes = new ArrayList<>();
    for (BrokerIdentity broker : identity.brokers()) {
      homes.add(new Home(broker.id(), UUID.randomUUID(), 0, false, ""));
    }
    return homes;
  }

  ClusterFile next(State newState, List<Home> homes) {
    return new ClusterFile(SealedJson.VERSION, revision + 1, newState, identity, homes);
  }

  Home home(int brokerId) {
    return brokers.get(brokerId - 1);
  }
}
