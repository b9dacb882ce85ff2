package io.ottla.broker.consume;

import io.ottla.broker.consume.PollResult.PartitionRecords;
import io.ottla.broker.consume.PollResult.Skipped;
import io.ottla.groups.GroupReply.Delivered;
import io.ottla.groups.GroupReply.PollPlan;
import io.ottla.groups.Ownership;
import io.ottla.groups.TopicPartition;
import io.ottla.metadata.Consumer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** What a poll found, as its answer. */
final class PollAnswers {
  private PollAnswers() {}

  /** Only what the coordinator accepted: the rest is another consumer's by now. */
  static PollResult result(
      Consumer consumer, PollPlan plan, PartitionPull pull, Delivered delivered) {
    List<PartitionRecords> records = new ArrayList<>();
    List<TopicPartition> order = new ArrayList<>();
    pull.runs()
        .forEach(
            (partition, taken) -> {
              if (delivered.accepted().contains(partition)) {
                records.add(new PartitionRecords(name(plan, partition), taken));
                order.add(partition);
              }
            });
    List<Skipped> skipped = new ArrayList<>();
    pull.skipped()
        .forEach(
            (partition, gap) -> {
              if (delivered.accepted().contains(partition)) {
                skipped.add(new Skipped(name(plan, partition), gap.fromOffset(), gap.toOffset()));
              }
            });
    return new PollResult(
        consumer.id(),
        consumer.group(),
        delivered.membership().generation(),
        names(delivered.membership().assigned()),
        names(delivered.membership().revoking()),
        records,
        delivered.cursor().encode(),
        new EventCursors(delivered.cursor(), pull.startOffsets(), order),
        skipped);
  }

  private static PollResult.TopicPartition name(PollPlan plan, TopicPartition partition) {
    Ownership ownership = plan.membership().assigned().get(partition);
    return new PollResult.TopicPartition(ownership.topic(), partition.partition());
  }

  /** The partitions by name, in order. */
  static List<PollResult.TopicPartition> names(Map<TopicPartition, Ownership> owned) {
    return owned.entrySet().stream()
        .map(
            entry ->
                new PollResult.TopicPartition(entry.getValue().topic(), entry.getKey().partition()))
        .sorted(
            Comparator.comparing(PollResult.TopicPartition::topic)
                .thenComparingInt(PollResult.TopicPartition::partition))
        .toList();
  }
}
