package io.ottla.server;

import io.ottla.broker.BrokerSettings;
import io.ottla.broker.Deployment;
import io.ottla.broker.UseCases;
import io.ottla.disk.Descriptors;
import io.ottla.disk.SystemDisk;
import io.ottla.http.HttpServer;
import io.ottla.log.Compression;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything that a server consists of, put together here and nowhere else. One owner. */
final class Wiring {
  private static final Logger LOG = LoggerFactory.getLogger(Wiring.class);

  private final Deployment deployment;
  private final UseCases useCases;
  private final HttpServer http;

  private Wiring(Deployment deployment, UseCases useCases, HttpServer http) {
    this.deployment = deployment;
    this.useCases = useCases;
    this.http = http;
  }

  /**
   * Starts the brokers and listens. The port is tried first, as brokers are described with it and a
   * server that cannot be reached should not touch its data.
   *
   * @param onDeaf called if the port cannot be listened on any more
   */
  static Wiring open(ServerConfig config, Runnable onDeaf) throws IOException {
    DescriptorShares shares =
        DescriptorShares.of(
            Descriptors.limit(), HttpServer.mostConnections(), BrokerSettings.affordableBrokers());
    LOG.info("descriptors: limit={} shares={}", Descriptors.limit(), shares);
    int port = ListeningPort.choose(config.host(), config.port());
    TemporaryDirectory temporary = TemporaryDirectory.choose(config.dataDirectories());
    Clock clock = Clock.systemUTC();
    Deployment deployment =
        Deployment.open(
            new Deployment.Config(
                config.dataDirectories(),
                config.host(),
                port,
                new SystemDisk(),
                clock,
                BrokerSettings.production(shares.groupReplicas(), shares.filesPerBroker()),
                config.diskReserve()));
    temporary.deleteLeftOvers(); // the lock of the data directories is held
    UseCases useCases = UseCases.of(deployment, clock);
    try {
      HttpServer http =
          HttpServer.start(
              new HttpServer.Config(config.host(), port, shares.connections(), onDeaf), useCases);
      // Nobody who starts a server waits for libraries to be unpacked; who needs one waits here.
      Thread.ofPlatform()
          .daemon()
          .name("codecs")
          .start(() -> LOG.info("codecs: {}", Compression.available()));
      return new Wiring(deployment, useCases, http);
    } catch (UncheckedIOException e) {
      useCases.close();
      deployment.close();
      throw e;
    }
  }

  int port() {
    return http.port();
  }

  /** Empty once every group has a leader. */
  List<String> reasonsNotReady() {
    return useCases.readiness().reasonsNotReady();
  }

  /** Waits until no leader is about to go home, at most so long. */
  void awaitSpreadLeaders(Duration limit) throws InterruptedException {
    useCases.readiness().awaitSpreadLeaders(limit);
  }

  /** Requests in flight are answered first; then leadership is handed over and all is forced. */
  void close() throws IOException {
    deployment.endWaits();
    http.stop();
    useCases.close();
    deployment.close();
  }
}
