package io.ottla.http.api;

import io.ottla.broker.BrokerSettings;
import io.ottla.broker.Deployment;
import io.ottla.broker.DiskReserve;
import io.ottla.broker.UseCases;
import io.ottla.disk.SystemDisk;
import io.ottla.http.HttpServer;
import io.ottla.replication.ReplicationSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/** A deployment in a directory of the test's, behind a listener on a port of its own. */
final class ServedDeployment implements AutoCloseable {
  private final Deployment deployment;
  private final UseCases useCases;
  private final HttpServer server;

  private ServedDeployment(Deployment deployment) {
    this.deployment = deployment;
    this.useCases = UseCases.of(deployment, InstantSource.system());
    this.server = HttpServer.start(new HttpServer.Config("127.0.0.1", 0), useCases);
  }

  static ServedDeployment open(Path dataDirectory) throws IOException {
    return open(dataDirectory, DiskReserve.usual());
  }

  static ServedDeployment open(Path dataDirectory, DiskReserve reserve) throws IOException {
    return new ServedDeployment(
        Deployment.open(
            new Deployment.Config(
                List.of(dataDirectory),
                "127.0.0.1",
                8080,
                new SystemDisk(),
                InstantSource.system(),
                new BrokerSettings(
                    ReplicationSettings.forTests(),
                    100,
                    50,
                    Duration.ofMillis(50),
                    Duration.ofMillis(50)),
                reserve)));
  }

  int port() {
    return server.port();
  }

  /** How many requests are under way; streams are. */
  int streams() {
    return server.requestsUnderWay();
  }

  Api api() {
    return new Api(server.port());
  }

  /** What a server does first when it stops. */
  void stopListening() {
    deployment.endWaits();
    server.stop();
  }

  @Override
  public void close() throws IOException {
    stopListening();
    useCases.close();
    deployment.close();
  }
}
