package io.ottla.client;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is committed now. Immutable.
 *
 * @param group the group's name
 * @param offsets the next offset to read of each partition that the commit was about
 * @param json the server's own document
 */
public record CommittedOffsets(String group, Map<TopicPartition, Long> offsets, String json) {
  static CommittedOffsets of(Fields fields) {
    Map<TopicPartition, Long> offsets = new LinkedHashMap<>();
    for (Fields one : fields.objects("committed", one -> one)) {
      offsets.put(
          new TopicPartition(one.text("topic"), one.integer("partition")), one.number("offset"));
    }
    return new CommittedOffsets(
        fields.text("group"), Collections.unmodifiableMap(offsets), fields.json());
  }
}
