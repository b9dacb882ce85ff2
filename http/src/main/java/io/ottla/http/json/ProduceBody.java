package io.ottla.http.json;

import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.produce.ProduceRequest;
import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.broker.produce.ProducerSequence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads the JSON body of {@code POST /events}, one event or a batch of them. Streams over the
 * body's own bytes: a value is a slice of them, from its first token to its last byte. Everything
 * is checked before the first event is given to anybody.
 *
 * <p>One owner at a time, one use.
 */
public final class ProduceBody {
  /** More events than this in one body are refused. */
  public static final int MAX_EVENTS = 100_000;

  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);
  private static final int MAX_TIMEOUT_MS = 60_000;
  private static final int NOT_SAID = -1;
  private static final String EVENTS = "events";
  private static final String RESULTS = "results";
  private static final String PRODUCER_ID = "producer_id";
  private static final String SEQUENCE = "sequence";

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
  private String topic;
  private String cluster;
  private String results;
  private long producerId = NOT_SAID;
  private long sequence = NOT_SAID;
  private int timeoutMs = NOT_SAID;
  private List<Event> events;
  private int index = -1;

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
    EventParser single;
    try (JsonParser parser = Json.parser(body, fromBytes, toBytes)) {
      single = new EventParser(parser, body, fromBytes, toBytes);
      readDocument(parser, single);
    } catch (JacksonException | IllegalStateException e) {
      throw atIndex(new InvalidJsonException(Json.refusal(e)));
    } catch (InvalidJsonException e) {
      throw atIndex(e);
    }
    return finish(single);
  }

  private void readDocument(JsonParser parser, EventParser single) throws InvalidJsonException {
    JsonToken first = parser.nextToken();
    if (first == null) {
      throw InvalidJsonException.field("topic", "A JSON object with \"topic\" is required.");
    }
    if (first != JsonToken.START_OBJECT) {
      throw InvalidJsonException.body("The body must be a JSON object.");
    }
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      switch (name) {
        case "topic" -> topic = once(name, topic, text(parser, name));
        case "cluster" -> cluster = once(name, cluster, text(parser, name));
        case RESULTS -> results = once(name, results, text(parser, name));
        case PRODUCER_ID -> producerId = once(parser, name, producerId, 1, Long.MAX_VALUE);
        case SEQUENCE -> sequence = once(parser, name, sequence, 0, Long.MAX_VALUE);
        case "timeout_ms" -> timeoutMs = (int) once(parser, name, timeoutMs, 1, MAX_TIMEOUT_MS);
        case EVENTS -> readEvents(parser);
        default -> single.field(name);
      }
    }
    if (parser.nextToken() != null) {
      throw InvalidJsonException.body("Nothing may follow the JSON object.");
    }
  }

  private void readEvents(JsonParser parser) throws InvalidJsonException {
    if (events != null) {
      throw twice(EVENTS);
    }
    if (parser.nextToken() != JsonToken.START_ARRAY) {
      throw InvalidJsonException.field(EVENTS, "\"events\" must be a list of objects.");
    }
    events = new ArrayList<>();
    EventParser event = new EventParser(parser, body, fromBytes, toBytes);
    for (index = 0; parser.nextToken() != JsonToken.END_ARRAY; index++) {
      if (index == MAX_EVENTS) {
        index = -1;
        throw new InvalidJsonException(
            Refusal.of(
                    RefusalCode.BATCH_TOO_LARGE, "More than " + MAX_EVENTS + " events in one body.")
                .with("field", EVENTS));
      }
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw InvalidJsonException.field(EVENTS, "Every event must be a JSON object.");
      }
      event.begin();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        event.field(parser.currentName());
      }
      events.add(event.end());
    }
    index = -1;
  }

  /** A whole number; what it was before if it is null. */
  private static long once(JsonParser parser, String name, long before, long lowest, long highest)
      throws InvalidJsonException {
    if (before != NOT_SAID) {
      throw twice(name);
    }
    return parser.nextToken() == JsonToken.VALUE_NULL
        ? before
        : EventParser.integer(parser, name, lowest, highest);
  }

  private static int checkTimeout(int timeoutMs) throws InvalidJsonException {
    if (timeoutMs < 1 || timeoutMs > MAX_TIMEOUT_MS) {
      throw InvalidJsonException.field(
          "timeout_ms", "\"timeout_ms\" must be from 1 to " + MAX_TIMEOUT_MS + ".");
    }
    return timeoutMs;
  }

  private Parsed finish(EventParser single) throws InvalidJsonException {
    topic = merge("topic", topic, beside.topic());
    results = merge(RESULTS, results, beside.results());
    cluster = merge("cluster", cluster, beside.cluster());
    if (timeoutMs >= 0 && beside.timeoutMs().isPresent()) {
      throw both("timeout_ms");
    }
    if (beside.timeoutMs().isPresent()) {
      timeoutMs = checkTimeout(beside.timeoutMs().getAsInt());
    }
    if (topic == null) {
      throw InvalidJsonException.field("topic", "\"topic\" is required.");
    }
    boolean batch = events != null;
    if (batch) {
      if (single.firstField() != null) {
        throw InvalidJsonException.field(
            single.firstField(),
            "Beside \"events\" only fields of the whole request may stand; \""
                + single.firstField()
                + "\" belongs into each event.");
      }
      if (events.isEmpty()) {
        throw InvalidJsonException.field(EVENTS, "\"events\" must hold at least one event.");
      }
    }
    Duration timeout = timeoutMs < 0 ? DEFAULT_TIMEOUT : Duration.ofMillis(timeoutMs);
    List<Event> all = batch ? events : List.of(single.end());
    ProduceRequest request =
        new ProduceRequest(Optional.ofNullable(cluster), topic, all, timeout, producer());
    return new Parsed(request, results(batch));
  }

  private Optional<ProducerSequence> producer() throws InvalidJsonException {
    ProducerNumbers inBody = new ProducerNumbers(said(producerId), said(sequence));
    return inBody.and(beside.numbers()).toSequence();
  }

  private static OptionalLong said(long number) {
    return number == NOT_SAID ? OptionalLong.empty() : OptionalLong.of(number);
  }

  private Results results(boolean batch) throws InvalidJsonException {
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

  private static String text(JsonParser parser, String name) throws InvalidJsonException {
    JsonToken token = parser.nextToken();
    if (token == JsonToken.VALUE_NULL) {
      return null;
    }
    if (token != JsonToken.VALUE_STRING) {
      throw InvalidJsonException.field(name, "\"" + name + "\" must be a string.");
    }
    return parser.getString();
  }

  private static String once(String name, String before, String now) throws InvalidJsonException {
    if (before != null) {
      throw twice(name);
    }
    return now;
  }

  private InvalidJsonException atIndex(InvalidJsonException e) {
    return index < 0 ? e : new InvalidJsonException(e.refusal().with("index", index));
  }

  static InvalidJsonException twice(String name) {
    return InvalidJsonException.field(name, "\"" + name + "\" is given twice.");
  }

  static InvalidJsonException both(String name) {
    return InvalidJsonException.field(
        name, "\"" + name + "\" is given both in the query and in the body.");
  }
}
