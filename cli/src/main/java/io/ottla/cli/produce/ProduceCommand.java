package io.ottla.cli.produce;

import io.ottla.cli.terminal.ClusterOption;
import io.ottla.cli.terminal.CommandFailure;
import io.ottla.cli.terminal.Console;
import io.ottla.cli.terminal.ExitCode;
import io.ottla.cli.terminal.ServerCommand;
import io.ottla.cli.terminal.Text;
import io.ottla.client.Header;
import io.ottla.client.OttlaAdmin;
import io.ottla.client.OttlaException;
import io.ottla.client.OttlaProducer;
import io.ottla.client.ProducerConfig;
import io.ottla.client.ProducerRecord;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./ottla produce}: each line becomes an event. */
@Command(
    name = "produce",
    description = {
      "Publishes each line of a file, or of standard input, as an event.",
      "The line, without its end, is the value, byte for byte."
    })
public final class ProduceCommand extends ServerCommand {
  private static final int LINES_BETWEEN_LOOKS = 256;

  @Parameters(index = "0", paramLabel = "TOPIC", description = "The topic's name.")
  private String topic;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "FILE",
      description = "Where the lines are. Default, or -: standard input.")
  private String file;

  @Option(
      names = {"-k", "--key-delimiter"},
      paramLabel = "TEXT",
      description = "What stands before the first TEXT of a line is the key, the rest the value.")
  private String keyDelimiter;

  @Option(
      names = "--key-pointer",
      paramLabel = "POINTER",
      description =
          "Where the key is in a line of JSON: /id, /user/name. A text, or a number's JSON.")
  private String keyPointer;

  @Option(
      names = {"-H", "--header"},
      paramLabel = "NAME=VALUE",
      description = "A header of every event; may be repeated.")
  private List<String> headers = List.of();

  @Option(
      names = {"-p", "--partition"},
      paramLabel = "N",
      description = "The partition of every event. Default: by the key, or in turns.")
  private Integer partition;

  @Option(
      names = "--timestamp",
      paramLabel = "MS",
      description = "The time of every event. Default: when it is sent.")
  private Long timestamp;

  @Option(
      names = "--compression",
      paramLabel = "NAME",
      defaultValue = "gzip",
      description = "Of what is sent: none or gzip. Default: gzip.")
  private ProducerConfig.Compression compression;

  @Option(
      names = "--no-idempotence",
      description = "Do not number requests: what is sent again may be appended twice.")
  private boolean noIdempotence;

  @Option(names = "--progress", description = "Show a bar even if no terminal would see it.")
  private boolean progress;

  @Mixin private ClusterOption cluster;

  /** On that console. */
  public ProduceCommand(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws IOException {
    KeyRule keys = keyRule();
    ProducerRecord form =
        new ProducerRecord(topic, partition, timestamp, null, null, parsedHeaders());
    ProducerConfig config =
        ProducerConfig.builder(url())
            .cluster(cluster.name())
            .compression(compression)
            .enableIdempotence(!noIdempotence)
            .clientName("ottla produce")
            .build();
    boolean ofFile = file != null && !file.equals("-");
    Turns turns = new Turns(checkedPartitions(), System::currentTimeMillis);
    long startedNanos = System.nanoTime();
    Deliveries deliveries = new Deliveries();
    try (InputStream in = ofFile ? open(Path.of(file)) : console().in();
        OttlaProducer producer = new OttlaProducer(config)) {
      Lines lines = new Lines(in);
      Way way = new Way(producer, deliveries, form, turns);
      IllegalArgumentException badLine = send(lines, keys, way, bar(ofFile));
      return conclude(lines, deliveries, badLine, System.nanoTime() - startedNanos);
    }
  }

  /** The topic's partitions; says at once what the producer would say after a minute of trying. */
  private int checkedPartitions() {
    try (OttlaAdmin admin = new OttlaAdmin(url())) {
      int partitions = admin.describeTopic(cluster.name(), topic).partitions().size();
      if (partition != null && (partition < 0 || partition >= partitions)) {
        throw CommandFailure.usage(
            topic + " has the partitions 0 to " + (partitions - 1) + " only");
      }
      return partitions;
    }
  }

  /** A bar for a file, or if it was asked for; only where somebody sees it. */
  private Progress bar(boolean ofFile) throws IOException {
    return progress || (ofFile && console().errIsTerminal())
        ? new Progress(console(), ofFile ? Files.size(Path.of(file)) : -1)
        : null;
  }

  /**
   * Sends the lines up to the end, or to the first failure; what was wrong with a line, or null.
   */
  private static IllegalArgumentException send(Lines lines, KeyRule keys, Way way, Progress bar)
      throws IOException {
    Deliveries deliveries = way.deliveries();
    IllegalArgumentException badLine = null;
    try {
      byte[] line = lines.next();
      while (line != null && deliveries.failed() == 0) {
        way.send(keys.split(line));
        if (bar != null && lines.count() % LINES_BETWEEN_LOOKS == 0) {
          bar.update(lines.bytes(), deliveries.committed());
        }
        line = lines.next();
      }
    } catch (IllegalArgumentException e) {
      badLine = e;
    }
    way.producer().flush();
    if (bar != null) {
      bar.end(lines.bytes(), deliveries.committed());
    }
    return badLine;
  }

  /**
   * How a line is sent.
   *
   * @param form what all records have in common
   * @param turns of those that have neither a key nor a partition
   */
  private record Way(
      OttlaProducer producer, Deliveries deliveries, ProducerRecord form, Turns turns) {
    @SuppressWarnings("FutureReturnValueIgnored") // the callback hears of it
    void send(KeyRule.Parts parts) {
      turns.next();
      boolean takesTurns = parts.key() == null && form.partition() == null;
      try {
        producer.send(
            new ProducerRecord(
                form.topic(),
                takesTurns ? (Integer) turns.partition() : form.partition(),
                form.timestamp() == null ? (Long) turns.timestampMs() : form.timestamp(),
                parts.key(),
                parts.value(),
                form.headers()),
            deliveries);
      } catch (OttlaException e) {
        deliveries.onCompletion(null, e);
      }
    }
  }

  private int conclude(
      Lines lines, Deliveries deliveries, IllegalArgumentException badLine, long nanos) {
    double seconds = nanos / 1e9;
    console()
        .say(
            String.format(
                Locale.ROOT,
                "%d events committed in %.2f s (%d bytes read, %.0f events/s)",
                deliveries.committed(),
                seconds,
                lines.bytes(),
                deliveries.committed() / seconds));
    if (json()) {
      console()
          .line(
              "{\"topic\":%s,\"committed\":%b,\"count\":%d,\"partitions\":%s}"
                  .formatted(
                      Text.quoted(topic),
                      deliveries.failed() == 0,
                      deliveries.committed(),
                      deliveries.partitionsJson()));
    }
    console().flush();
    if (deliveries.failed() > 0) {
      throw notCommitted(deliveries);
    }
    if (badLine != null) {
      throw CommandFailure.failed("line " + lines.count() + " " + badLine.getMessage());
    }
    return ExitCode.OK;
  }

  private static CommandFailure notCommitted(Deliveries deliveries) {
    OttlaException first = deliveries.failure();
    boolean nothing = deliveries.committed() == 0 && !deliveries.isUnsure();
    String what =
        deliveries.failed()
            + " events were not committed"
            + (deliveries.isUnsure() ? ", though some may be in the log" : "");
    return CommandFailure.of(nothing ? ExitCode.of(first) : ExitCode.NOT_COMMITTED, what, first);
  }

  private KeyRule keyRule() {
    if (keyDelimiter != null && keyPointer != null) {
      throw CommandFailure.usage("--key-delimiter and --key-pointer exclude each other");
    }
    if (keyPointer != null) {
      return KeyRule.pointer(keyPointer);
    }
    return keyDelimiter == null
        ? KeyRule.none()
        : KeyRule.delimiter(keyDelimiter.replace("\\t", "\t"));
  }

  private List<Header> parsedHeaders() {
    List<Header> parsed = new ArrayList<>();
    for (String header : headers) {
      int equals = header.indexOf('=');
      if (equals <= 0) {
        throw CommandFailure.usage("not a header, such as name=value: " + header);
      }
      parsed.add(Header.of(header.substring(0, equals), header.substring(equals + 1)));
    }
    return parsed;
  }

  private static InputStream open(Path path) throws IOException {
    try {
      if (Files.isDirectory(path)) {
        throw CommandFailure.failed(path + " is a directory");
      }
      return Files.newInputStream(path);
    } catch (NoSuchFileException e) {
      throw CommandFailure.failed("there is no file " + path);
    }
  }
}
