package io.ottla.http.json;

import io.ottla.broker.produce.ProduceRequest;
import io.ottla.broker.produce.ProduceRequest.Event;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Reads the JSON body of {@code POST /events}, one event or a batch of them: most by a scan of its
 * bytes, what is not that plain with a parser. Nothing is copied: a value is a slice of the body,
 * from its first token to its last byte. Everything is checked before the first event is given to
 * anybody.
 *
 * <p>One owner at a time, one use.
 */
public final class ProduceBody {
  /** More events than this in one body are refused. */
  public static final int MAX_EVENTS = 100_000;

  static final int MAX_TIMEOUT_MS = 60_000;

  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);
  private static final String EVENTS = "events";
  private static final String RESULTS = "results";

  /**
   * Fields that may be given beside the body; each is refused if the body has it too.
   *
   * @param results whether to answer by event or by partition
   */
  public record Beside(
      Optional<String> topic,
      Optional<String> cluster,
      OptionalInt timeoutMs,
      ProducerNumbers numbers,
      Optional<String> results) {
    /** Nothing beside the body. */
    public static final Beside NOTHING =
        new Beside(
            Optional.empty(),
            Optional.empty(),
            OptionalInt.empty(),
            ProducerNumbers.NONE,
            Optional.empty());
  }

  /** What the answer is about. */
  public enum Results {
    /** The one event of the body. */
    SINGLE,
    /** Each event. */
    EVENTS,
    /** The events of each partition. */
    PARTITIONS
  }

  /** What was asked, and how it is to be answered. */
  public record Parsed(ProduceRequest request, Results results) {}

  private final byte[] body;
  private final int fromBytes;
  private final int toBytes;
  private final Beside beside;

  private ProduceBody(byte[] body, int lengthBytes, Beside beside) {
    this.body = body;
    this.fromBytes = Json.afterByteOrderMark(body, lengthBytes);
    this.toBytes = lengthBytes;
    this.beside = beside;
  }

  /** Reads {@code body[0, lengthBytes)}; the events keep pointing into it. */
  public static Parsed read(byte[] body, int lengthBytes, Beside beside)
      throws InvalidJsonException {
    return new ProduceBody(body, lengthBytes, beside).read();
  }

  private Parsed read() throws InvalidJsonException {
    if (!Utf8.isValid(body, fromBytes, toBytes)) {
      throw InvalidJsonException.body("The body is not valid UTF-8.");
    }
    ProduceFields plain = ProduceScan.read(body, fromBytes, toBytes);
    return finish(plain != null ? plain : ProduceParser.read(body, fromBytes, toBytes));
  }

  private static int checkTimeout(int timeoutMs) throws InvalidJsonException {
    if (timeoutMs < 1 || timeoutMs > MAX_TIMEOUT_MS) {
      throw InvalidJsonException.field(
          "timeout_ms", "\"timeout_ms\" must be from 1 to " + MAX_TIMEOUT_MS + ".");
    }
    return timeoutMs;
  }

  private Parsed finish(ProduceFields fields) throws InvalidJsonException {
    String topic = merge("topic", fields.topic, beside.topic());
    String results = merge(RESULTS, fields.results, beside.results());
    String cluster = merge("cluster", fields.cluster, beside.cluster());
    Duration timeout = timeout(fields);
    if (topic == null) {
      throw InvalidJsonException.field("topic", "\"topic\" is required.");
    }
    boolean batch = fields.events != null;
    if (batch) {
      if (fields.firstOfSingle != null) {
        throw InvalidJsonException.field(
            fields.firstOfSingle,
            "Beside \"events\" only fields of the whole request may stand; \""
                + fields.firstOfSingle
                + "\" belongs into each event.");
      }
      if (fields.events.isEmpty()) {
        throw InvalidJsonException.field(EVENTS, "\"events\" must hold at least one event.");
      }
    }
    List<Event> all = batch ? fields.events : List.of(fields.single);
    ProducerNumbers inBody = new ProducerNumbers(said(fields.producerId), said(fields.sequence));
    ProduceRequest request =
        new ProduceRequest(
            Optional.ofNullable(cluster),
            topic,
            all,
            timeout,
            inBody.and(beside.numbers()).toSequence());
    return new Parsed(request, results(batch, results));
  }

  private Duration timeout(ProduceFields fields) throws InvalidJsonException {
    boolean inBody = fields.timeoutMs != ProduceFields.NOT_SAID;
    if (inBody && beside.timeoutMs().isPresent()) {
      throw both("timeout_ms");
    }
    if (beside.timeoutMs().isPresent()) {
      return Duration.ofMillis(checkTimeout(beside.timeoutMs().getAsInt()));
    }
    return inBody ? Duration.ofMillis(fields.timeoutMs) : DEFAULT_TIMEOUT;
  }

  private static OptionalLong said(long number) {
    return number == ProduceFields.NOT_SAID ? OptionalLong.empty() : OptionalLong.of(number);
  }

  private static Results results(boolean batch, String results) throws InvalidJsonException {
    if (!batch && results != null) {
      throw InvalidJsonException.field(RESULTS, "\"results\" belongs to a batch of events.");
    }
    return switch (results) {
      case null -> batch ? Results.EVENTS : Results.SINGLE;
      case "events" -> Results.EVENTS;
      case "partitions" -> Results.PARTITIONS;
      default ->
          throw InvalidJsonException.field(
              RESULTS, "\"results\" must be \"events\" or \"partitions\".");
    };
  }

  private static String merge(String name, String inBody, Optional<String> beside)
      throws InvalidJsonException {
    if (inBody != null && beside.isPresent()) {
      throw both(name);
    }
    return inBody != null ? inBody : beside.orElse(null);
  }

  static InvalidJsonException twice(String name) {
    return InvalidJsonException.field(name, "\"" + name + "\" is given twice.");
  }

  static InvalidJsonException both(String name) {
    return InvalidJsonException.field(
        name, "\"" + name + "\" is given both in the query and in the body.");
  }
}
