package io.ottla.broker.identity;

import java.util.List;
import java.util.Objects;
import java.util.UUID;

/**
 * The content of {@code deployment.json}. Immutable.
 *
 * @param version of this file
 * @param format of everything below the data directories; looked at before anything is touched
 * @param deploymentId the same in all data directories of a deployment
 * @param revision grows with each write: of two copies the higher one holds
 * @param nextClusterNumber never reused
 * @param logDirectories of the clusters, each once
 */
record DeploymentFile(
    int version,
    int format,
    UUID deploymentId,
    long revision,
    int nextClusterNumber,
    List<String> logDirectories) {
  /**
   * What this build writes: raised whenever an older build must not open what a newer one wrote.
   */
  static final int FORMAT = 2;

  DeploymentFile {
    Objects.requireNonNull(deploymentId, "deploymentId");
    logDirectories = logDirectories.stream().distinct().toList();
  }

  /** An older build's, which had no id. */
  record Version1(int version, int nextClusterNumber, List<String> logDirectories) {
    DeploymentFile upgrade() {
      return new DeploymentFile(
          SealedJson.VERSION, FORMAT, NO_ID, 0, nextClusterNumber, logDirectories);
    }
  }

  /** What an older build's stands under until it is written anew. */
  static final UUID NO_ID = new UUID(0, 0);

  DeploymentFile next(int number, List<String> directories) {
    UUID id = deploymentId.equals(NO_ID) ? UUID.randomUUID() : deploymentId;
    return new DeploymentFile(SealedJson.VERSION, FORMAT, id, revision + 1, number, directories);
  }

  /** The first of a new deployment. */
  static DeploymentFile fresh() {
    return new DeploymentFile(SealedJson.VERSION, FORMAT, NO_ID, 0, 0, List.of());
  }
}
