package io.ottla.server;

import io.ottla.testkit.Api;
import java.io.IOException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** Reads every partition of a topic from its first offset to its last, without a consumer. */
final class TopicReader {
  private TopicReader() {}

  /** Per partition, offset to value; the values are strings. */
  static Map<Integer, SortedMap<Long, String>> readAll(Api api, String topic)
      throws IOException, InterruptedException {
    Map<Integer, SortedMap<Long, String>> read = new TreeMap<>();
    for (JsonNode partition : api.get("/topic/" + topic).expect(200).required("partitions")) {
      int number = partition.required("partition").asInt();
      SortedMap<Long, String> values = new TreeMap<>();
      long offset = partition.required("start_offset").asLong();
      long endOffset = partition.required("end_offset").asLong();
      while (offset < endOffset) {
        String path = "/events?topic=" + topic + "&partition=" + number + "&offset=" + offset;
        JsonNode answer = api.get(path + "&max_events=10000").expect(200);
        for (JsonNode event : answer.required("events")) {
          values.put(event.required("offset").asLong(), event.required("value").asString());
        }
        long nextOffset = answer.required("next_offset").asLong();
        if (nextOffset <= offset) {
          throw new IOException("stuck at partition " + number + " offset " + offset);
        }
        offset = nextOffset;
      }
      read.put(number, values);
    }
    return read;
  }
}
