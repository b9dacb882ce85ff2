package io.ottla.broker;

import java.util.List;
import java.util.Optional;

/** Shows clusters. Thread-safe. */
public final class DescribeClusters {
  private final Deployment deployment;

  public DescribeClusters(Deployment deployment) {
    this.deployment = deployment;
  }

  /** All of them, without their topics. */
  public List<ClusterDescription> all() {
    return deployment.all().stream().map(ClusterDescriptions::of).toList();
  }

  /** What lies in the data directories and is not served. */
  public List<NotServed> notServed() {
    return deployment.notServed();
  }

  /** One, with its topics and what was set aside. */
  public Answer<ClusterDescription> one(String name) {
    return deployment
        .readyCluster(Optional.of(name))
        .then(cluster -> Answer.ok(ClusterDescriptions.whole(cluster)));
  }
}
