package io.ottla.broker;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Makes a cluster with its brokers, and answers when its first topic can be created. Thread-safe.
 */
public final class CreateCluster {
  private static final int DEFAULT_BROKERS = 3;
  private static final int MAX_BROKERS = 9;
  private static final int DEFAULT_PARTITIONS = 3;
  private static final double DEFAULT_RETENTION_HOURS = 168;

  private final Deployment deployment;

  public CreateCluster(Deployment deployment) {
    this.deployment = deployment;
  }

  /**
   * What is asked for; what is absent has its default.
   *
   * @param retentionHours fractions allowed, -1 = for ever
   */
  public record Request(
      String name,
      OptionalInt numBrokers,
      Optional<String> logDirectory,
      OptionalInt partitions,
      OptionalDouble retentionHours) {}

  /** Creates it, or creates nothing. */
  public Answer<ClusterDescription> create(Request request) {
    int brokers = request.numBrokers().orElse(DEFAULT_BROKERS);
    int partitions = request.partitions().orElse(DEFAULT_PARTITIONS);
    double retentionHours = request.retentionHours().orElse(DEFAULT_RETENTION_HOURS);
    if (!LogDirectories.NAME.matcher(request.name()).matches()) {
      return invalid("name", "name must match [A-Za-z0-9][A-Za-z0-9._-]{0,99}");
    }
    if (brokers < 1 || brokers > MAX_BROKERS) {
      return invalid("num_brokers", "num_brokers must be 1 to " + MAX_BROKERS);
    }
    if (partitions < 1 || partitions > TopicRules.MAX_PARTITIONS) {
      return invalid("partitions", "partitions must be 1 to " + TopicRules.MAX_PARTITIONS);
    }
    Optional<Refusal> badRetention =
        TopicRules.retentionRefusal("retention_policies", retentionHours);
    if (badRetention.isPresent()) {
      return Answer.refused(badRetention.get());
    }
    String logDirectory = request.logDirectory().orElse(request.name());
    return deployment
        .createCluster(
            new Deployment.Wanted(
                request.name(), brokers, logDirectory, partitions, retentionHours))
        .then(cluster -> Answer.ok(ClusterDescriptions.of(cluster)));
  }

  private static Answer<ClusterDescription> invalid(String field, String detail) {
    return Answer.refused(Refusal.invalid(field, detail));
  }
}
