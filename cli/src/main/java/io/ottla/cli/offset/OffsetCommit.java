package io.ottla.cli.offset;

import io.ottla.cli.terminal.AdminCommand;
import io.ottla.cli.terminal.CommandFailure;
import io.ottla.cli.terminal.Console;
import io.ottla.cli.terminal.ExitCode;
import io.ottla.cli.terminal.Table;
import io.ottla.client.CommittedOffsets;
import io.ottla.client.OttlaAdmin;
import io.ottla.client.TopicPartition;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./ottla offset commit}. */
@Command(
    name = "commit",
    description = "Commits what a consumer was given so far, or exact offsets of what it has.")
public final class OffsetCommit extends AdminCommand {
  @Option(
      names = "--consumer",
      paramLabel = "ID",
      required = true,
      description = "The consumer's number.")
  private long consumer;

  @Option(
      names = {"-t", "--topic"},
      paramLabel = "TOPIC",
      description = "The topic of --offset.")
  private String topic;

  @Option(
      names = "--offset",
      paramLabel = "PARTITION:OFFSET",
      converter = PartitionOffset.Converter.class,
      description = "The next offset to read of a partition; may be repeated.")
  private List<PartitionOffset> offsets = List.of();

  /** On that console. */
  public OffsetCommit(Console console) {
    super(console);
  }

  @Override
  protected int run(OttlaAdmin admin) {
    if ((topic == null) != offsets.isEmpty()) {
      throw CommandFailure.usage("--topic and --offset belong together");
    }
    CommittedOffsets committed =
        offsets.isEmpty() ? admin.commitOffsets(consumer) : admin.commitOffsets(consumer, exact());
    if (json()) {
      console().line(committed.json());
      return ExitCode.OK;
    }
    Table table = new Table("TOPIC", "PARTITION", "COMMITTED");
    committed
        .offsets()
        .forEach(
            (partition, offset) -> table.row(partition.topic(), partition.partition(), offset));
    table.print(console());
    return ExitCode.OK;
  }

  private Map<TopicPartition, Long> exact() {
    Map<TopicPartition, Long> exact = new LinkedHashMap<>();
    offsets.forEach(one -> exact.put(new TopicPartition(topic, one.partition()), one.offset()));
    return exact;
  }
}
