package io.ottla.broker;

import java.util.List;

/** Whether every group of every cluster has a leader. Thread-safe. */
public final class Readiness {
  private final Deployment deployment;

  public Readiness(Deployment deployment) {
    this.deployment = deployment;
  }

  /** One sentence per group that has none; empty means ready. */
  public List<String> reasonsNotReady() {
    return deployment.all().stream()
        .flatMap(cluster -> cluster.reasonsNotReady().stream())
        .toList();
  }
}
