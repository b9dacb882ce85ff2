package io.ottla.broker;

import java.util.List;
import java.util.Optional;

/** Shows topics. Thread-safe. */
public final class DescribeTopics {
  private final Deployment deployment;

  public DescribeTopics(Deployment deployment) {
    this.deployment = deployment;
  }

  /** Every topic of the named cluster, or of all, by cluster and name. */
  public Answer<List<TopicDescription>> all(Optional<String> cluster) {
    if (cluster.isPresent()) {
      return deployment.readyCluster(cluster).then(one -> Answer.ok(TopicDescriptions.all(one)));
    }
    return Answer.ok(
        deployment.all().stream().flatMap(one -> TopicDescriptions.all(one).stream()).toList());
  }

  /** One topic, in the named cluster or the only one that has it. */
  public Answer<TopicDescription> one(Optional<String> cluster, String name) {
    return deployment
        .readyTopic(cluster, name)
        .then(found -> Answer.ok(TopicDescriptions.of(found.cluster(), found.topic())));
  }
}
