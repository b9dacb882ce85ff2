package io.ottla.broker;

import io.ottla.broker.ClusterDescription.BrokerDescription;
import io.ottla.broker.identity.HomeRefusedException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Stops and starts single brokers of a cluster. Not remembered over a restart of the process.
 * Thread-safe.
 */
public final class ControlBroker {
  private final Deployment deployment;

  public ControlBroker(Deployment deployment) {
    this.deployment = deployment;
  }

  /** How a broker is stopped. */
  public enum StopMode {
    /** It hands its leaderships over first. */
    CLEAN,
    /** As if its machine were lost. */
    CRASH
  }

  /** Stops a broker; a stopped one stays stopped. */
  public Answer<BrokerDescription> stop(String cluster, int brokerId, StopMode mode) {
    return find(cluster, brokerId)
        .then(
            found -> {
              found.cluster.inLifeCycle(
                  () -> {
                    switch (mode) {
                      case CLEAN -> found.broker.stop();
                      case CRASH -> found.broker.crash();
                    }
                  });
              return Answer.ok(ClusterDescriptions.broker(found.cluster, found.broker));
            });
  }

  /** Starts a broker; a running one stays as it is. It catches up, or is rebuilt, on its own. */
  public Answer<BrokerDescription> start(String cluster, int brokerId) {
    return find(cluster, brokerId)
        .then(
            found -> {
              AtomicReference<IOException> failure = new AtomicReference<>();
              found.cluster.inLifeCycle(
                  () -> {
                    try {
                      if (found.broker.failure().isPresent()) {
                        found.broker.closeFailed();
                      }
                      found.broker.start();
                    } catch (IOException e) {
                      failure.set(e);
                    }
                  });
              return failure.get() == null
                  ? Answer.ok(ClusterDescriptions.broker(found.cluster, found.broker))
                  : Answer.refused(
                      RefusalCode.BROKER_FAILED, whyNotStarted(found.broker, failure.get()));
            });
  }

  private static String whyNotStarted(Broker broker, IOException failure) {
    return failure instanceof HomeRefusedException
        ? failure.getMessage()
        : "broker "
            + broker.id()
            + " cannot start: "
            + broker.failure().map(BrokerFailure::wireReason).orElse("its cluster has ended")
            + "; the server's log says more";
  }

  private record Found(Cluster cluster, Broker broker) {}

  private Answer<Found> find(String cluster, int brokerId) {
    return deployment
        .readyCluster(Optional.of(cluster))
        .then(
            found ->
                found
                    .broker(brokerId)
                    .map(broker -> Answer.ok(new Found(found, broker)))
                    .orElseGet(
                        () ->
                            Answer.refused(
                                RefusalCode.BROKER_NOT_FOUND,
                                "cluster " + cluster + " has no broker " + brokerId)));
  }
}
