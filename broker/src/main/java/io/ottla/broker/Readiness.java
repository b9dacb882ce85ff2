package io.ottla.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Whether every cluster is served and every group of it has a leader that appends. Thread-safe. */
public final class Readiness {
  private final Deployment deployment;

  public Readiness(Deployment deployment) {
    this.deployment = deployment;
  }

  /**
   * Waits until leaders are where they should be, at most so long: what is ready before that may
   * have no leader for an instant when one goes home.
   */
  public void awaitSpreadLeaders(Duration limit) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    for (Cluster cluster : deployment.all()) {
      cluster.awaitSpreadLeaders(Duration.ofNanos(deadlineNanos - System.nanoTime()));
    }
  }

  /** One sentence per damaged cluster and per group that cannot append; empty means ready. */
  public List<String> reasonsNotReady() {
    List<String> reasons = new ArrayList<>();
    for (NotServed cluster : deployment.notServed()) {
      if (cluster.state() == NotServed.State.DAMAGED) {
        reasons.add(
            "the cluster in log_directory "
                + cluster.logDirectory()
                + " is damaged and not served: "
                + cluster.reason());
      }
    }
    deployment.all().forEach(cluster -> reasons.addAll(cluster.reasonsNotReady()));
    return reasons;
  }
}
