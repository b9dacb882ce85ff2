package io.ottla.http.event;

import io.ottla.broker.Answer;
import io.ottla.broker.consume.FetchRequest;
import io.ottla.broker.consume.FetchRequest.Limits;
import io.ottla.broker.consume.FetchResult;
import io.ottla.broker.consume.PollRequest;
import io.ottla.broker.consume.PollResult;
import io.ottla.broker.consume.StartFrom;
import io.ottla.http.Problem;
import io.ottla.http.ProblemException;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHandler;
import io.ottla.http.json.Fields;
import io.ottla.http.json.InvalidJsonException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * {@code GET /events}: with {@code partition} a read without a consumer, else the next events of a
 * consumer. The fields may stand in the query or in a JSON body.
 */
public final class GetEvents implements RequestHandler {
  private static final Set<String> KNOWN =
      Set.of(
          "topic",
          "cluster",
          "partition",
          "offset",
          "from",
          "consumer_id",
          "group",
          "cursor",
          "max_events",
          "max_bytes",
          "wait_ms",
          "auto_commit",
          "auto_commit_interval_ms");
  private static final List<String> OF_CONSUMERS =
      List.of("consumer_id", "group", "cursor", "auto_commit", "auto_commit_interval_ms");
  private static final int MAX_PARTITION = 1_000_000;
  private static final int DEFAULT_EVENTS = 500;
  private static final int MAX_EVENTS = 100_000;
  private static final int DEFAULT_BYTES = 1024 * 1024;
  private static final int MAX_BYTES = 16 * 1024 * 1024;
  private static final int MAX_WAIT_MS = 60_000;
  private static final int DEFAULT_COMMIT_INTERVAL_MS = 1_000;
  private static final int MAX_COMMIT_INTERVAL_MS = 3_600_000;

  private final Fetch fetch;
  private final Poll poll;

  /** Reads without a consumer. */
  @FunctionalInterface
  public interface Fetch {
    /** Reads. */
    Answer<FetchResult> fetch(FetchRequest request) throws InterruptedException;
  }

  /** A consumer's next events. */
  @FunctionalInterface
  public interface Poll {
    /** Polls. */
    Answer<PollResult> poll(PollRequest request) throws InterruptedException;
  }

  /** Calls one of them. */
  public GetEvents(Fetch fetch, Poll poll) {
    this.fetch = fetch;
    this.poll = poll;
  }

  @Override
  public Reply handle(Request request)
      throws InvalidJsonException, ProblemException, InterruptedException {
    checkAccept(request.accept());
    Fields fields = request.fields(KNOWN);
    Limits limits = limits(fields);
    if (fields.has("partition") || fields.has("offset")) {
      FetchRequest wanted = fetchRequest(fields, limits);
      return Reply.json(200, ReadJson.fetched(RequestHandler.valueOf(fetch.fetch(wanted))));
    }
    PollRequest wanted = pollRequest(fields, limits);
    return Reply.json(200, ReadJson.polled(RequestHandler.valueOf(poll.poll(wanted))));
  }

  private static Limits limits(Fields fields) throws InvalidJsonException {
    return new Limits(
        fields.integer("max_events", 1, MAX_EVENTS).orElse(DEFAULT_EVENTS),
        fields.integer("max_bytes", 1, MAX_BYTES).orElse(DEFAULT_BYTES),
        Duration.ofMillis(fields.integer("wait_ms", 0, MAX_WAIT_MS).orElse(0)));
  }

  private static FetchRequest fetchRequest(Fields fields, Limits limits)
      throws InvalidJsonException {
    if (!fields.has("partition")) {
      throw InvalidJsonException.field(
          "partition", "\"offset\" needs a \"partition\": every partition counts its own.");
    }
    for (String field : OF_CONSUMERS) {
      if (fields.has(field)) {
        throw InvalidJsonException.field(
            field,
            "\"partition\" reads without a consumer, so that \"" + field + "\" has no meaning.");
      }
    }
    OptionalLong offset = fields.longInteger("offset", 0, Long.MAX_VALUE);
    Optional<StartFrom> from = fields.startFrom("from");
    if (offset.isPresent() && from.isPresent()) {
      throw InvalidJsonException.field("from", "\"from\" stands instead of \"offset\".");
    }
    if (offset.isEmpty() && from.isEmpty()) {
      from = Optional.of(new StartFrom.Earliest());
    }
    return new FetchRequest(
        fields.text("cluster"),
        fields.requiredText("topic"),
        fields.integer("partition", 0, MAX_PARTITION).getAsInt(),
        offset.isPresent() ? Optional.of(offset.getAsLong()) : Optional.empty(),
        from,
        limits);
  }

  private static PollRequest pollRequest(Fields fields, Limits limits) throws InvalidJsonException {
    OptionalLong consumerId = fields.longInteger("consumer_id", 1, Long.MAX_VALUE);
    Optional<String> topic = fields.text("topic");
    if (topic.isEmpty() && consumerId.isEmpty()) {
      throw fields.missing("topic");
    }
    int intervalMs =
        fields
            .integer("auto_commit_interval_ms", 0, MAX_COMMIT_INTERVAL_MS)
            .orElse(DEFAULT_COMMIT_INTERVAL_MS);
    return new PollRequest(
        fields.text("cluster"),
        topic,
        consumerId.isPresent() ? Optional.of(consumerId.getAsLong()) : Optional.empty(),
        fields.text("group"),
        fields.startFrom("from").orElse(new StartFrom.Earliest()),
        fields.text("cursor"),
        new PollRequest.AutoCommit(fields.bool("auto_commit"), Duration.ofMillis(intervalMs)),
        limits);
  }

  /** JSON is the only form so far: whoever accepts only a stream would misread it. */
  private static void checkAccept(String accept) throws ProblemException {
    if (accept.isEmpty() || accept.equals("*/*")) {
      return;
    }
    String types = accept.toLowerCase(Locale.ROOT);
    boolean stream = types.contains("application/x-ndjson") || types.contains("text/event-stream");
    if (stream && !types.contains("application/json") && !types.contains("*/*")) {
      throw new ProblemException(
          Problem.of(406, "not_acceptable", "Events are answered as application/json here."));
    }
  }
}
