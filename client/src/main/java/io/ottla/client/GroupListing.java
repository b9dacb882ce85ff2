package io.ottla.client;

/**
 * A consumer group in a list of them. Immutable.
 *
 * @param group unique in its cluster
 * @param cluster the cluster's name
 * @param state {@code stable}, {@code empty} and the like
 * @param generation grows with every change of who owns what
 * @param members how many there are
 * @param json the server's own document
 */
public record GroupListing(
    String group, String cluster, String state, long generation, int members, String json) {

  static GroupListing of(Fields fields) {
    return new GroupListing(
        fields.text("group"),
        fields.text("cluster"),
        fields.text("state"),
        fields.number("generation"),
        fields.integer("members"),
        fields.json());
  }
}
