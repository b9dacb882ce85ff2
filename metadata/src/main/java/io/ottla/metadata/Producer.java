package io.ottla.metadata;

/**
 * A registered producer. Immutable.
 *
 * @param id unique in the deployment, never reused
 * @param name a label; several producers may have the same
 */
public record Producer(long id, String name, long createdAtMs) {
  public Producer {
    if (!Names.isLabel(name)) {
      throw new IllegalArgumentException("not a producer name");
    }
  }
}
