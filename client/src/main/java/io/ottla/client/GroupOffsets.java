package io.ottla.client;

import java.util.List;

/**
 * How far a group is. Immutable.
 *
 * @param group the group's name
 * @param partitions of the topics that were asked for
 * @param json the server's own document
 */
public record GroupOffsets(String group, List<PartitionProgress> partitions, String json) {
  static GroupOffsets of(Fields fields) {
    return new GroupOffsets(
        fields.text("group"), fields.objects("partitions", PartitionProgress::of), fields.json());
  }
}
