package io.ottla.http.upload;

import io.ottla.broker.produce.ProduceEvents.StreamRequest;
import io.ottla.http.Request;
import io.ottla.http.event.ProduceQuery;
import io.ottla.http.json.EventLine;
import io.ottla.http.json.Fields;
import io.ottla.http.json.InvalidJsonException;
import io.ottla.http.json.JsonPointer;
import io.ottla.http.json.LineParser;
import io.ottla.http.json.ValueLine;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What an upload asks for beside its body. Immutable.
 *
 * @param parser what its lines are
 */
record UploadQuery(StreamRequest streamRequest, LineParser parser) {
  private static final String LINES = "lines";
  private static final String KEY = "key";
  private static final String PARTITION = "partition";

  private static final Set<String> KNOWN = ProduceQuery.knownWith(Set.of(LINES, KEY, PARTITION));

  static UploadQuery read(Request request) throws InvalidJsonException {
    Fields fields = request.queryFields(KNOWN);
    ProduceQuery query = ProduceQuery.read(fields, request.headers());
    return new UploadQuery(
        new StreamRequest(
            query.cluster(), fields.requiredText("topic"), query.timeout(), query.producer()),
        parser(fields));
  }

  private static LineParser parser(Fields fields) throws InvalidJsonException {
    return switch (fields.text(LINES).orElse("event")) {
      case "event" -> {
        for (String ofValues : new String[] {KEY, PARTITION}) {
          if (fields.has(ofValues)) {
            throw InvalidJsonException.field(
                ofValues, "\"" + ofValues + "\" goes with lines=value; an event says its own.");
          }
        }
        yield new EventLine();
      }
      case "value" -> {
        Optional<String> pointer = fields.text(KEY);
        OptionalInt partition = fields.integer(PARTITION, 0, ProduceQuery.MAX_PARTITION);
        yield new ValueLine(
            pointer.isPresent() ? JsonPointer.parse(KEY, pointer.get()) : null,
            partition.isPresent() ? partition.getAsInt() : null);
      }
      default -> throw fields.invalid(LINES, "must be event or value");
    };
  }
}
