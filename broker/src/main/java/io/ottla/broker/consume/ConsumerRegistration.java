package io.ottla.broker.consume;

import io.ottla.broker.Answer;
import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.ServingCluster;
import io.ottla.broker.consume.Consumers.Found;
import io.ottla.groups.Group;
import io.ottla.metadata.Consumer;
import io.ottla.metadata.MetadataCommand;
import io.ottla.metadata.MetadataResult;
import io.ottla.metadata.Names;
import java.time.Duration;
import java.util.Optional;

/** Registers consumers in the metadata and forgets them. No state. */
final class ConsumerRegistration {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private ConsumerRegistration() {}

  /** Why a consumer cannot be made in that group, if so. */
  static Optional<Refusal> groupRefusal(Optional<String> group) {
    if (group.isPresent() && !Names.isLabel(group.get())) {
      return Optional.of(Refusal.invalid("group", "group must have 1 to 249 printable characters"));
    }
    return group.filter(ConsumerRegistration::isOfALoneConsumer).isPresent()
        ? Optional.of(
            Refusal.invalid("group", "groups called consumer-<number> are of consumers alone"))
        : Optional.empty();
  }

  private static boolean isOfALoneConsumer(String group) {
    return group.startsWith(Group.LONE_PREFIX)
        && group.substring(Group.LONE_PREFIX.length()).chars().allMatch(Character::isDigit);
  }

  static Answer<Found> register(ServingCluster cluster, Optional<String> group) {
    return cluster
        .submit(new MetadataCommand.RegisterConsumer(group), TIMEOUT)
        .then(
            result ->
                result instanceof MetadataResult.ConsumerRegistered(Consumer consumer)
                    ? Answer.ok(new Found(cluster, consumer))
                    : Answer.refused(RefusalCode.NOT_READY, "the cluster is not ready"));
  }

  /** Forgets a consumer that nobody has learned of, some time soon. */
  static void forgetSoon(Found made) {
    Thread.ofVirtual().start(() -> forget(made.cluster(), made.consumer().id()));
  }

  /** Forgets the consumer; once it answers, it cannot be found any more. */
  static Answer<MetadataResult> forget(ServingCluster cluster, long consumerId) {
    return cluster.submit(new MetadataCommand.ForgetConsumer(consumerId), TIMEOUT);
  }
}
