package io.ottla.http.consumer;

import io.ottla.broker.consume.ConsumerDescription;
import io.ottla.broker.consume.ConsumerMembership;
import io.ottla.broker.consume.ConsumerSettings;
import io.ottla.broker.consume.PollResult.TopicPartition;
import io.ottla.broker.consume.StartFrom;
import io.ottla.http.json.JsonBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Consumers as the contract's JSON. */
public final class ConsumerJson {
  private ConsumerJson() {}

  static void write(JsonBuffer out, ConsumerDescription consumer) {
    ConsumerMembership membership = consumer.membership();
    out.raw("{\"consumer_id\":").number(membership.consumerId());
    out.raw(",\"group\":").string(membership.group());
    out.raw(",\"cluster\":").string(consumer.cluster());
    writeSettings(out, consumer.settings());
    out.raw(consumer.active() ? ",\"active\":true" : ",\"active\":false");
    writeMembership(out, membership);
    out.raw(",\"created_at\":").string(Instant.ofEpochMilli(consumer.createdAtMs()).toString());
    out.raw('}');
  }

  static void write(JsonBuffer out, ConsumerMembership membership) {
    out.raw("{\"consumer_id\":").number(membership.consumerId());
    out.raw(",\"group\":").string(membership.group());
    writeMembership(out, membership);
    out.raw('}');
  }

  private static void writeMembership(JsonBuffer out, ConsumerMembership membership) {
    out.raw(",\"generation\":").number(membership.generation());
    out.raw(",\"assignment\":");
    writePartitions(out, membership.assignment());
    out.raw(",\"revoking\":");
    writePartitions(out, membership.revoking());
  }

  /** Settings as members of an object that has others before; no topics and null if absent. */
  private static void writeSettings(JsonBuffer out, Optional<ConsumerSettings> settings) {
    if (settings.isEmpty()) {
      out.raw(",\"topics\":[],\"from\":null,\"session_timeout_ms\":null,\"auto_commit\":null");
      return;
    }
    ConsumerSettings known = settings.get();
    writeTopics(out, known.topics());
    out.raw(",\"from\":");
    switch (known.from()) {
      case StartFrom.Earliest() -> out.string("earliest");
      case StartFrom.Latest() -> out.string("latest");
      case StartFrom.At(long timestampMs) -> out.number(timestampMs);
    }
    writeSession(out, known);
  }

  /** The names, as a member of an object that has others before. */
  public static void writeTopics(JsonBuffer out, List<String> topics) {
    out.raw(",\"topics\":[");
    for (int i = 0; i < topics.size(); i++) {
      out.raw(i > 0 ? "," : "").string(topics.get(i));
    }
    out.raw(']');
  }

  /** How it keeps alive and commits, as members of an object that has others before. */
  public static void writeSession(JsonBuffer out, ConsumerSettings settings) {
    out.raw(",\"session_timeout_ms\":").number(settings.sessionTimeoutMs());
    out.raw(settings.autoCommit() ? ",\"auto_commit\":true" : ",\"auto_commit\":false");
  }

  /** A list of partitions. */
  public static void writePartitions(JsonBuffer out, List<TopicPartition> partitions) {
    out.raw('[');
    for (int i = 0; i < partitions.size(); i++) {
      out.raw(i > 0 ? ",{\"topic\":" : "{\"topic\":").string(partitions.get(i).topic());
      out.raw(",\"partition\":").number(partitions.get(i).partition()).raw('}');
    }
    out.raw(']');
  }
}
