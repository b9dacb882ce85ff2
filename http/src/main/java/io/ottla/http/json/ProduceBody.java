package io.ottla.http.json;

import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.produce.ProduceRequest;
import io.ottla.broker.produce.ProduceRequest.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
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
  private static final String EVENTS = "events";

  /** Fields that may be given beside the body; each is refused if the body has it too. */
  public record Beside(Optional<String> topic, Optional<String> cluster, OptionalInt timeoutMs) {
    /** Nothing beside the body. */
    public static final Beside NOTHING =
        new Beside(Optional.empty(), Optional.empty(), OptionalInt.empty());
  }

  /** What was asked, and in which form, as the answer has the same. */
  public record Parsed(ProduceRequest request, boolean batch) {}

  private final byte[] body;
  private final int fromBytes;
  private final int toBytes;
  private final Beside beside;
  private String topic;
  private String cluster;
  private int timeoutMs = -1;
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
        case "timeout_ms" -> readTimeout(parser, name);
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

  private void readTimeout(JsonParser parser, String name) throws InvalidJsonException {
    if (timeoutMs >= 0) {
      throw twice(name);
    }
    JsonToken token = parser.nextToken();
    if (token == JsonToken.VALUE_NULL) {
      return;
    }
    timeoutMs = checkTimeout((int) EventParser.integer(parser, name, 1, MAX_TIMEOUT_MS));
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
            "Beside \"events\" only \"topic\", \"cluster\" and \"timeout_ms\" may stand; \""
                + single.firstField()
                + "\" belongs into each event.");
      }
      if (events.isEmpty()) {
        throw InvalidJsonException.field(EVENTS, "\"events\" must hold at least one event.");
      }
    }
    Duration timeout = timeoutMs < 0 ? DEFAULT_TIMEOUT : Duration.ofMillis(timeoutMs);
    List<Event> all = batch ? events : List.of(single.end());
    return new Parsed(
        new ProduceRequest(Optional.ofNullable(cluster), topic, all, timeout, Optional.empty()),
        batch);
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
