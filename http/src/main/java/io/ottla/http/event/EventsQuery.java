package io.ottla.http.event;

import io.ottla.broker.consume.FetchRequest;
import io.ottla.broker.consume.FetchRequest.Limits;
import io.ottla.broker.consume.PollEvents;
import io.ottla.broker.consume.PollRequest;
import io.ottla.broker.consume.StartFrom;
import io.ottla.http.ProblemException;
import io.ottla.http.Request;
import io.ottla.http.json.Fields;
import io.ottla.http.json.InvalidJsonException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** What a {@code GET /events} asks for. Immutable. */
final class EventsQuery {
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
          "auto_commit_interval_ms",
          "session_timeout_ms",
          "follow",
          "cursors");
  private static final List<String> OF_CONSUMERS =
      List.of(
          "consumer_id",
          "group",
          "cursor",
          "auto_commit",
          "auto_commit_interval_ms",
          "session_timeout_ms");
  private static final int MAX_PARTITION = 1_000_000;
  private static final int DEFAULT_EVENTS = 500;
  private static final int MAX_EVENTS = 100_000;
  private static final int DEFAULT_BYTES = 1024 * 1024;
  private static final int MAX_BYTES = 16 * 1024 * 1024;
  private static final int MAX_WAIT_MS = 60_000;
  private static final int DEFAULT_COMMIT_INTERVAL_MS = 1_000;
  private static final int MAX_COMMIT_INTERVAL_MS = 3_600_000;
  private static final int MIN_SESSION_TIMEOUT_MS = 1_000;
  private static final int MAX_SESSION_TIMEOUT_MS = 3_600_000;

  /** About what a stream holds for a client that stalls; more would hardly be faster. */
  private static final Limits STREAM_LIMITS = new Limits(10_000, 128 * 1024, Duration.ZERO);

  private final Fields fields;
  private final EventsForm form;
  private final String lastEventId;

  private EventsQuery(Fields fields, EventsForm form, String lastEventId) {
    this.fields = fields;
    this.form = form;
    this.lastEventId = lastEventId;
  }

  static EventsQuery read(Request request) throws InvalidJsonException, ProblemException {
    Fields fields = request.fields(KNOWN);
    EventsForm form = EventsForm.of(request.accept(), fields);
    boolean resumes = form == EventsForm.SERVER_SENT_EVENTS;
    return new EventsQuery(fields, form, resumes ? request.lastEventId().trim() : "");
  }

  EventsForm form() {
    return form;
  }

  /** Whether lines with cursors are wanted between the events. */
  boolean wantsCursors() throws InvalidJsonException {
    boolean wanted = fields.bool("cursors").orElse(false);
    if (wanted && form != EventsForm.LINES && form != EventsForm.LINE_STREAM) {
      throw InvalidJsonException.field(
          "cursors", "\"cursors\" belongs to answers in application/x-ndjson.");
    }
    return wanted;
  }

  /** Whether it reads a partition, without a consumer. */
  boolean isOfPartition() {
    return fields.has("partition") || fields.has("offset");
  }

  private Limits limits() throws InvalidJsonException {
    Limits usual =
        form.follows() ? STREAM_LIMITS : new Limits(DEFAULT_EVENTS, DEFAULT_BYTES, Duration.ZERO);
    Limits asked =
        new Limits(
            fields.integer("max_events", 1, MAX_EVENTS).orElse(usual.maxEvents()),
            fields.integer("max_bytes", 1, MAX_BYTES).orElse(usual.maxBytes()),
            Duration.ofMillis(fields.integer("wait_ms", 0, MAX_WAIT_MS).orElse(0)));
    return form.follows()
        ? new Limits(asked.maxEvents(), Math.min(asked.maxBytes(), DEFAULT_BYTES), asked.maxWait())
        : asked;
  }

  FetchRequest fetchRequest() throws InvalidJsonException {
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
    if (!lastEventId.isEmpty()) {
      offset = OptionalLong.of(offsetOf(lastEventId));
      from = Optional.empty();
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
        limits());
  }

  private static long offsetOf(String lastEventId) throws InvalidJsonException {
    try {
      long offset = Long.parseLong(lastEventId);
      if (offset >= 0) {
        return offset;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw InvalidJsonException.field(
        "Last-Event-ID", "\"Last-Event-ID\" must be the id of one of this stream's events.");
  }

  PollRequest pollRequest() throws InvalidJsonException {
    OptionalLong consumerId = fields.longInteger("consumer_id", 1, Long.MAX_VALUE);
    Optional<String> topic = fields.text("topic");
    Optional<String> cursor = fields.text("cursor");
    if (!lastEventId.isEmpty()) {
      cursor = Optional.of(lastEventId);
    }
    if (topic.isEmpty() && consumerId.isEmpty() && lastEventId.isEmpty()) {
      throw fields.missing("topic");
    }
    int intervalMs =
        fields
            .integer("auto_commit_interval_ms", 0, MAX_COMMIT_INTERVAL_MS)
            .orElse(DEFAULT_COMMIT_INTERVAL_MS);
    int sessionTimeoutMs =
        fields
            .integer("session_timeout_ms", MIN_SESSION_TIMEOUT_MS, MAX_SESSION_TIMEOUT_MS)
            .orElse((int) PollEvents.DEFAULT_SESSION_TIMEOUT.toMillis());
    return new PollRequest(
        fields.text("cluster"),
        topic,
        consumerId.isPresent() ? Optional.of(consumerId.getAsLong()) : Optional.empty(),
        fields.text("group"),
        fields.startFrom("from").orElse(new StartFrom.Earliest()),
        cursor,
        new PollRequest.AutoCommit(fields.bool("auto_commit"), Duration.ofMillis(intervalMs)),
        Duration.ofMillis(sessionTimeoutMs),
        limits());
  }
}
