package io.ottla.metadata;

/**
 * A registered consumer. Immutable.
 *
 * @param id unique in the deployment, never reused
 * @param group the consumer group it belongs to
 */
public record Consumer(long id, String group, long createdAtMs) {
  public Consumer {
    if (!Names.isLabel(group)) {
      throw new IllegalArgumentException("not a group name");
    }
  }
}
