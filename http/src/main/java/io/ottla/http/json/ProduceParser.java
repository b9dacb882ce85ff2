package io.ottla.http.json;

import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads every JSON body of {@code POST /events} that there may be, and says what is wrong with it.
 * Streams over the body's own bytes: a value is a slice of them, from its first token to its last
 * byte. One owner, used once.
 */
final class ProduceParser {
  private static final String EVENTS = "events";
  private static final int NO_INDEX = -1;

  private final byte[] body;
  private final int fromBytes;
  private final int toBytes;
  private final ProduceFields fields = new ProduceFields();

  /** The names of the body's fields so far, whatever their values: each may be given once. */
  private final Set<String> names = new HashSet<>();

  /** Of the event that is being read. */
  private int index = NO_INDEX;

  private ProduceParser(byte[] body, int fromBytes, int toBytes) {
    this.body = body;
    this.fromBytes = fromBytes;
    this.toBytes = toBytes;
  }

  /** Reads {@code body[fromBytes, toBytes)}, which are valid UTF-8. */
  static ProduceFields read(byte[] body, int fromBytes, int toBytes) throws InvalidJsonException {
    ProduceParser parser = new ProduceParser(body, fromBytes, toBytes);
    try {
      return parser.read();
    } catch (JacksonException | IllegalStateException e) {
      throw parser.atIndex(new InvalidJsonException(Json.refusal(e)));
    } catch (InvalidJsonException e) {
      throw parser.atIndex(e);
    }
  }

  private ProduceFields read() throws InvalidJsonException {
    try (JsonParser parser = Json.parser(body, fromBytes, toBytes)) {
      EventParser single = new EventParser(parser, body, fromBytes, toBytes);
      readDocument(parser, single);
      fields.firstOfSingle = single.firstField();
      fields.single = single.end();
      return fields;
    }
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
      if (!names.add(name)) {
        throw ProduceBody.twice(name);
      }
      switch (name) {
        case "topic" -> fields.topic = text(parser, name);
        case "cluster" -> fields.cluster = text(parser, name);
        case "results" -> fields.results = text(parser, name);
        case "producer_id" -> fields.producerId = number(parser, name, 1, Long.MAX_VALUE);
        case "sequence" -> fields.sequence = number(parser, name, 0, Long.MAX_VALUE);
        case "timeout_ms" -> fields.timeoutMs = number(parser, name, 1, ProduceBody.MAX_TIMEOUT_MS);
        case EVENTS -> readEvents(parser);
        default -> single.field(name);
      }
    }
    if (parser.nextToken() != null) {
      throw InvalidJsonException.body("Nothing may follow the JSON object.");
    }
  }

  private void readEvents(JsonParser parser) throws InvalidJsonException {
    if (parser.nextToken() != JsonToken.START_ARRAY) {
      throw InvalidJsonException.field(EVENTS, "\"events\" must be a list of objects.");
    }
    fields.events = new ArrayList<>();
    EventParser event = new EventParser(parser, body, fromBytes, toBytes);
    for (index = 0; parser.nextToken() != JsonToken.END_ARRAY; index++) {
      if (index == ProduceBody.MAX_EVENTS) {
        index = NO_INDEX;
        throw new InvalidJsonException(
            Refusal.of(
                    RefusalCode.BATCH_TOO_LARGE,
                    "More than " + ProduceBody.MAX_EVENTS + " events in one body.")
                .with("field", EVENTS));
      }
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw InvalidJsonException.field(EVENTS, "Every event must be a JSON object.");
      }
      event.begin();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        event.field(parser.currentName());
      }
      fields.events.add(event.end());
    }
    index = NO_INDEX;
  }

  /** A whole number; null is the same as leaving it out. */
  private static long number(JsonParser parser, String name, long lowest, long highest)
      throws InvalidJsonException {
    return parser.nextToken() == JsonToken.VALUE_NULL
        ? ProduceFields.NOT_SAID
        : EventParser.integer(parser, name, lowest, highest);
  }

  private static String text(JsonParser parser, String name) throws InvalidJsonException {
    JsonToken token = parser.nextToken();
    if (token != JsonToken.VALUE_NULL && token != JsonToken.VALUE_STRING) {
      throw InvalidJsonException.field(name, "\"" + name + "\" must be a string.");
    }
    return token == JsonToken.VALUE_NULL ? null : parser.getString();
  }

  private InvalidJsonException atIndex(InvalidJsonException e) {
    return index == NO_INDEX ? e : new InvalidJsonException(e.refusal().with("index", index));
  }
}
