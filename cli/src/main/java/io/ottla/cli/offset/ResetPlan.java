package io.ottla.cli.offset;

import io.ottla.cli.terminal.CommandFailure;
import io.ottla.cli.terminal.Console;
import io.ottla.cli.terminal.Table;
import io.ottla.cli.terminal.Text;
import io.ottla.client.GroupOffsets;
import io.ottla.client.OttlaException;
import io.ottla.client.PartitionProgress;
import io.ottla.client.TopicDescription;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What a reset would change. Immutable.
 *
 * @param moves by partition; those that are not named stay as they are
 */
record ResetPlan(String group, String topic, List<Move> moves) {
  /**
   * Of one partition.
   *
   * @param from the commit as it is; null if there is none
   */
  record Move(int partition, Long from, long to) {}

  /** To those offsets. */
  static ResetPlan of(
      TopicDescription topic, String group, Map<Integer, Long> from, Map<Integer, Long> to) {
    List<Move> moves = new ArrayList<>();
    to.forEach(
        (partition, offset) -> {
          if (partition >= topic.partitions().size()) {
            throw CommandFailure.usage(topic.name() + " has no partition " + partition);
          }
          moves.add(new Move(partition, from.get(partition), offset));
        });
    return new ResetPlan(group, topic.name(), moves);
  }

  /** The commits of a group as they are, by partition; none if there is no such group. */
  static Map<Integer, Long> commits(Supplier<GroupOffsets> asked) {
    try {
      return asked.get().partitions().stream()
          .filter(one -> one.committed() != null)
          .collect(Collectors.toMap(PartitionProgress::partition, PartitionProgress::committed));
    } catch (OttlaException e) {
      if (e.code().equals("group_not_found")) {
        return Map.of();
      }
      throw e;
    }
  }

  void print(Console console) {
    Table table = new Table("TOPIC", "PARTITION", "FROM", "TO");
    moves.forEach(move -> table.row(topic, move.partition(), move.from(), move.to()));
    table.print(console);
  }

  /** As JSON, with the names that the server uses. */
  String json() {
    String offsets =
        moves.stream()
            .map(
                move ->
                    "{\"topic\":%s,\"partition\":%d,\"committed\":%s,\"offset\":%d}"
                        .formatted(Text.quoted(topic), move.partition(), move.from(), move.to()))
            .collect(Collectors.joining(","));
    return "{\"group\":%s,\"dry_run\":true,\"offsets\":[%s]}"
        .formatted(Text.quoted(group), offsets);
  }
}
