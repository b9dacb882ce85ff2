package io.ottla.groups;

/**
 * A member's hold on a partition. Immutable.
 *
 * @param topic the topic's name when it was given
 * @param epoch the group's generation when it was given: another owner, or the same one after
 *     another, has another epoch
 * @param revoking it is to move: the owner may commit, but gets no more of its events
 */
public record Ownership(String topic, int epoch, boolean revoking) {
  Ownership revoked(boolean isRevoking) {
    return new Ownership(topic, epoch, isRevoking);
  }
}
