package io.ottla.broker;

import io.ottla.disk.Disk;
import io.ottla.metadata.ClusterIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The small JSON files that say what a deployment consists of. One owner at a time: {@link
 * Deployment} under its formation lock.
 *
 * <pre>{@code
 * <data-dir>/deployment.json                    the next cluster number (never reused) and the log directories in use
 * <data-dir>/<log_directory>/cluster.json       identity of a cluster, and how far its creation or deletion is
 * <data-dir>/<log_directory>/broker-1/broker.json   identity of a broker; missing on a known broker: its disk was lost
 * }</pre>
 *
 * Each is replaced as a whole: written beside, forced, renamed. An unknown version or field is an
 * error, never skipped.
 */
final class DeploymentFiles {
  private static final int VERSION = 1;
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private final Disk disk;
  private final LogDirectories directories;

  DeploymentFiles(Disk disk, LogDirectories directories) {
    this.disk = disk;
    this.directories = directories;
  }

  /** The content of {@code deployment.json}. */
  record DeploymentFile(int version, int nextClusterNumber, List<String> logDirectories) {}

  /** How far a cluster's life is. */
  enum ClusterState {
    CREATING,
    READY,
    DELETING
  }

  /** The content of {@code cluster.json}. */
  record ClusterFile(int version, ClusterState state, ClusterIdentity identity) {}

  /** The content of {@code broker.json}. */
  record BrokerFile(int version, UUID clusterId, int brokerId) {}

  DeploymentFile readDeployment() throws IOException {
    return read(deploymentPath(), DeploymentFile.class)
        .orElse(new DeploymentFile(VERSION, 0, List.of()));
  }

  void writeDeployment(int nextClusterNumber, List<String> logDirectories) throws IOException {
    write(deploymentPath(), new DeploymentFile(VERSION, nextClusterNumber, logDirectories));
  }

  Optional<ClusterFile> readCluster(String logDirectory) throws IOException {
    return read(clusterPath(logDirectory), ClusterFile.class);
  }

  void writeCluster(ClusterState state, ClusterIdentity identity) throws IOException {
    write(clusterPath(identity.logDirectory()), new ClusterFile(VERSION, state, identity));
  }

  Optional<BrokerFile> readBroker(Path brokerDirectory) throws IOException {
    return read(brokerDirectory.resolve("broker.json"), BrokerFile.class);
  }

  void writeBroker(Path brokerDirectory, UUID clusterId, int brokerId) throws IOException {
    write(brokerDirectory.resolve("broker.json"), new BrokerFile(VERSION, clusterId, brokerId));
  }

  private Path deploymentPath() {
    return directories.dataDirectories().getFirst().resolve("deployment.json");
  }

  private Path clusterPath(String logDirectory) {
    return directories.clusterDirectory(logDirectory).resolve("cluster.json");
  }

  private <T extends Record> Optional<T> read(Path path, Class<T> type) throws IOException {
    if (!disk.exists(path)) {
      return Optional.empty();
    }
    T value;
    try {
      value = JSON.readValue(disk.readAll(path), type);
    } catch (JacksonException e) {
      throw new IOException(
          path + " is damaged or of a newer version: " + e.getOriginalMessage(), e);
    }
    int version =
        switch (value) {
          case DeploymentFile file -> file.version();
          case ClusterFile file -> file.version();
          case BrokerFile file -> file.version();
          default -> throw new IllegalStateException("not a deployment file: " + type);
        };
    if (version != VERSION) {
      throw new IOException(path + " has version " + version + ", this program reads " + VERSION);
    }
    return Optional.of(value);
  }

  private void write(Path path, Object value) throws IOException {
    disk.writeDurably(path, JSON.writeValueAsBytes(value));
  }
}
