package io.ottla.replication;

import java.util.List;
import java.util.UUID;

/**
 * What a replicated group is, fixed for the cluster's life. Immutable.
 *
 * @param number 0 is the metadata group, from 1 the data groups
 * @param id unique among all groups of all clusters
 * @param memberBrokerIds the brokers that hold a replica, without doubles
 * @param preferredBrokerId the member that should lead when all are well
 */
public record GroupSpec(int number, UUID id, List<Integer> memberBrokerIds, int preferredBrokerId) {
  public GroupSpec {
    memberBrokerIds = List.copyOf(memberBrokerIds);
    if (number < 0 || !memberBrokerIds.contains(preferredBrokerId)) {
      throw new IllegalArgumentException("group " + number + " must be led by a member");
    }
  }
}
