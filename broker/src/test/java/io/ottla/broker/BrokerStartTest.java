package io.ottla.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ottla.broker.ClusterDescription.BrokerState;
import io.ottla.broker.store.PartitionDirectories;
import io.ottla.broker.store.PartitionStore;
import io.ottla.disk.Disk;
import io.ottla.disk.ForgetfulDisk;
import io.ottla.log.OpenFiles;
import io.ottla.metadata.BrokerIdentity;
import io.ottla.metadata.ClusterMetadata;
import io.ottla.replication.RaftBroker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a broker's start throws, the broker says why it does not run. */
class BrokerStartTest {
  private static final Path DIRECTORY = Path.of("/data/c1/broker-1");

  /** Throws what it is told to. */
  private static final class Surroundings implements Broker.Surroundings {
    private final Throwable inHome;

    Surroundings(Throwable inHome) {
      this.inHome = inHome;
    }

    @Override
    public Disk disk() {
      return new ForgetfulDisk();
    }

    @Override
    public boolean prepareHome(int brokerId) throws IOException {
      switch (inHome) {
        case IOException e -> throw e;
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        default -> throw new AssertionError(inHome);
      }
    }

    @Override
    public void setAside(int brokerId, List<Path> parts) {
      throw new AssertionError("nothing is started");
    }

    @Override
    public RaftBroker.Config raftConfig(int brokerId, Path directory, boolean known) {
      throw new AssertionError("nothing is started");
    }

    @Override
    public ClusterMetadata newMetadata() {
      throw new AssertionError("nothing is started");
    }

    @Override
    public PartitionStore newStore(int group, PartitionDirectories directories, OpenFiles files) {
      throw new AssertionError("nothing is started");
    }

    @Override
    public Optional<BrokerFailure.Want> shortOf(Path directory) {
      return Optional.empty();
    }

    @Override
    public void brokerFailed(int brokerId) {
      throw new AssertionError("it was not started");
    }
  }

  private static Broker broker(Throwable inHome) {
    return new Broker(
        new BrokerIdentity(1, "127.0.0.1", 8080, 0), DIRECTORY, new Surroundings(inHome), 10);
  }

  private static Throwable thrown(String kind) {
    return switch (kind) {
      case "disk" -> new IOException("Input/output error");
      case "bug" -> new IllegalStateException("thrown by the test");
      default -> new LinkageError("thrown by the test");
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"disk", "bug", "error"})
  void aBrokerWhoseDirectoryCannotBePreparedSaysSo(String kind) {
    Throwable cause = thrown(kind);
    Broker broker = broker(cause);

    assertThatThrownBy(broker::start).isSameAs(cause);

    assertThat(broker.state()).isEqualTo(BrokerState.FAILED);
    assertThat(broker.failure().orElseThrow().wireReason())
        .isEqualTo("its directory could not be prepared");
  }

  @Test
  void aBrokerThatWantsDescriptorsWaitsForThem() {
    IOException cause = new IOException("Too many open files");
    Broker broker = broker(cause);

    assertThatThrownBy(broker::start).isSameAs(cause);

    assertThat(broker.state()).isEqualTo(BrokerState.WAITING);
    assertThat(broker.failure().orElseThrow().wireReason()).isEqualTo("waiting_for_descriptors");
  }
}
