package io.ottla.broker;

/** Deletes a cluster, its brokers and its directory. Thread-safe. */
public final class DeleteCluster {
  private final Deployment deployment;

  public DeleteCluster(Deployment deployment) {
    this.deployment = deployment;
  }

  /** Answers once its directory is removed. */
  public Answer<Done> delete(String name) {
    return deployment.deleteCluster(name);
  }
}
