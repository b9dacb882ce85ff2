package io.ottla.server;

import io.ottla.broker.BrokerSettings;
import io.ottla.broker.Deployment;
import io.ottla.broker.UseCases;
import io.ottla.disk.SystemDisk;
import io.ottla.http.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.List;

/** Everything that a server consists of, put together here and nowhere else. One owner. */
final class Wiring {
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
   */
  static Wiring open(ServerConfig config) throws IOException {
    int port = ListeningPort.choose(config.host(), config.port());
    Clock clock = Clock.systemUTC();
    Deployment deployment =
        Deployment.open(
            new Deployment.Config(
                config.dataDirectories(),
                config.host(),
                port,
                new SystemDisk(),
                clock,
                BrokerSettings.production()));
    UseCases useCases = UseCases.of(deployment, clock);
    try {
      HttpServer http = HttpServer.start(new HttpServer.Config(config.host(), port), useCases);
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

  /** Requests in flight are answered first; then leadership is handed over and all is forced. */
  void close() throws IOException {
    deployment.endWaits();
    http.stop();
    useCases.close();
    deployment.close();
  }
}
