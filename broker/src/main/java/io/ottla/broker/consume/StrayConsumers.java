package io.ottla.broker.consume;

import io.ottla.broker.Answer;
import io.ottla.broker.DataGroup;
import io.ottla.broker.ServingCluster;
import io.ottla.broker.store.PartitionStore;
import io.ottla.groups.GroupView;
import io.ottla.metadata.Consumer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forgets consumers that are registered but in no group: whoever asked for one never learned of it,
 * or it has left and the metadata group could not be told. No state.
 */
final class StrayConsumers {
  /** How long ago it must have been registered: it may be about to join. */
  static final Duration AGE = Duration.ofHours(1);

  private static final Logger LOG = LoggerFactory.getLogger(StrayConsumers.class);
  private static final int MOST_AT_ONCE = 1_000;

  private StrayConsumers() {}

  /** One look at a cluster's consumers; none is forgotten while a data group has no leader. */
  static void forget(ServingCluster cluster, LongUnaryOperator ageMs) {
    List<GroupView> groups = new ArrayList<>();
    for (DataGroup dataGroup : cluster.dataGroups()) {
      dataGroup.leaderStore().map(PartitionStore::groups).ifPresent(groups::add);
    }
    if (!cluster.viewIsCurrent() || groups.size() < cluster.dataGroups().size()) {
      return;
    }
    List<Long> strays = new ArrayList<>();
    for (Consumer consumer : cluster.view().consumers()) {
      boolean isOld = ageMs.applyAsLong(consumer.createdAtMs()) > AGE.toMillis();
      if (isOld && strays.size() < MOST_AT_ONCE && !isMember(groups, consumer)) {
        strays.add(consumer.id());
      }
    }
    for (long id : strays) {
      if (ConsumerRegistration.forget(cluster, id) instanceof Answer.Refused<?>) {
        return;
      }
      LOG.info("consumer in no group forgotten: cluster={} consumer={}", cluster.name(), id);
    }
  }

  private static boolean isMember(List<GroupView> groups, Consumer consumer) {
    int dataGroup = GroupCoordinators.dataGroupOf(consumer.group(), groups.size());
    return groups
        .get(dataGroup - 1)
        .group(consumer.group())
        .flatMap(group -> group.member(Long.toString(consumer.id())))
        .isPresent();
  }
}
