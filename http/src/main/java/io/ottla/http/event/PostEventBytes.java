package io.ottla.http.event;

import io.ottla.broker.produce.ProduceRequest;
import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.http.ProblemException;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHandler;
import io.ottla.http.RequestHeaders.Sent;
import io.ottla.http.json.Fields;
import io.ottla.http.json.InvalidJsonException;
import io.ottla.log.Header;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * {@code POST /events} with a body of bytes: appends one event, whose value they are. An empty body
 * is an empty value. What else it has stands in the query, and its headers in those of the request
 * that begin with {@code Ottla-Header-}: in the order of their names, those of one name in the
 * order in which they were sent. Their values must be ASCII.
 */
public final class PostEventBytes implements RequestHandler {
  private static final String KEY = "key";
  private static final String KEY_BASE64 = "key_base64";
  private static final String HEADER_PREFIX = "Ottla-Header-";
  private static final Set<String> KNOWN =
      ProduceQuery.knownWith(Set.of(KEY, KEY_BASE64, "partition", "timestamp"));

  private final PostEvents.Produce produce;

  /** Calls {@code produce}. */
  public PostEventBytes(PostEvents.Produce produce) {
    this.produce = produce;
  }

  @Override
  public Reply handle(Request request)
      throws InvalidJsonException, ProblemException, InterruptedException {
    Fields fields = request.queryFields(KNOWN);
    ProduceQuery query = ProduceQuery.read(fields, request.headers());
    OptionalInt partition = fields.integer("partition", 0, ProduceQuery.MAX_PARTITION);
    Event event =
        new Event(
            partition.isPresent() ? partition.getAsInt() : null,
            key(fields),
            ByteBuffer.wrap(request.body(), 0, request.bodyLengthBytes()).slice(),
            headers(request),
            fields.longInteger("timestamp", 0, Long.MAX_VALUE).orElse(Event.NO_TIMESTAMP));
    ProduceRequest asked =
        new ProduceRequest(
            query.cluster(),
            fields.requiredText("topic"),
            List.of(event),
            query.timeout(),
            query.producer());
    return ProduceReply.toSingle(RequestHandler.valueOf(produce.produce(asked)));
  }

  private static ByteBuffer key(Fields fields) throws InvalidJsonException {
    Optional<String> text = fields.text(KEY);
    Optional<String> base64 = fields.text(KEY_BASE64);
    if (text.isPresent() && base64.isPresent()) {
      throw InvalidJsonException.field(KEY_BASE64, "\"key_base64\" stands instead of \"key\".");
    }
    if (text.isPresent()) {
      return ByteBuffer.wrap(text.get().getBytes(StandardCharsets.UTF_8));
    }
    if (base64.isEmpty()) {
      return null;
    }
    try {
      // In a query, "+" stands for a space: put it back.
      return ByteBuffer.wrap(Base64.getDecoder().decode(base64.get().replace(' ', '+')));
    } catch (IllegalArgumentException e) {
      throw fields.invalid(KEY_BASE64, "is not valid base64");
    }
  }

  private static List<Header> headers(Request request) throws InvalidJsonException {
    List<Header> headers = new ArrayList<>();
    for (Sent sent : request.headers().beginningWith(HEADER_PREFIX)) {
      String name = sent.name().substring(HEADER_PREFIX.length());
      if (name.isEmpty()) {
        throw InvalidJsonException.field(sent.name(), "A record's header needs a name.");
      }
      if (!sent.value().chars().allMatch(c -> c < 0x80)) {
        throw InvalidJsonException.field(
            sent.name(),
            "\"" + sent.name() + "\" must be ASCII; other values go into a JSON body.");
      }
      headers.add(new Header(name, sent.value().getBytes(StandardCharsets.US_ASCII)));
    }
    return headers;
  }
}
