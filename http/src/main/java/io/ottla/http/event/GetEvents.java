package io.ottla.http.event;

import io.ottla.broker.Answer;
import io.ottla.broker.Refusal;
import io.ottla.broker.consume.EventStream;
import io.ottla.broker.consume.FetchRequest;
import io.ottla.broker.consume.FetchResult;
import io.ottla.broker.consume.PollRequest;
import io.ottla.broker.consume.PollResult;
import io.ottla.http.ProblemException;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHandler;
import io.ottla.http.json.InvalidJsonException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@code GET /events}: with {@code partition} a read without a consumer, else the next events of a
 * consumer; as a document, as lines, or as a stream. The fields may stand in the query or in a JSON
 * body.
 */
public final class GetEvents implements RequestHandler {
  private final Reads reads;

  /** The ways to read events. */
  public interface Reads {
    /** Reads without a consumer. */
    Answer<FetchResult> fetch(FetchRequest request) throws InterruptedException;

    /** Reads a consumer's next events. */
    Answer<PollResult> poll(PollRequest request) throws InterruptedException;

    /** Reads on without a consumer. */
    Answer<EventStream> stream(FetchRequest request) throws InterruptedException;

    /** Reads on as a consumer. */
    Answer<EventStream> stream(PollRequest request) throws InterruptedException;
  }

  /** Calls one of them. */
  public GetEvents(Reads reads) {
    this.reads = reads;
  }

  @Override
  public Reply handle(Request request)
      throws InvalidJsonException, ProblemException, InterruptedException {
    EventsQuery query = EventsQuery.read(request);
    boolean cursors = query.wantsCursors();
    return switch (query.form()) {
      case JSON -> document(query);
      case LINES ->
          query.isOfPartition() ? fetchedLines(query, cursors) : polledLines(query, cursors);
      case LINE_STREAM -> {
        EventStream stream = RequestHandler.valueOf(open(query));
        yield Reply.lineStream(
            new StreamedEvents(stream, new LineForm(cursors)), consumerOf(stream));
      }
      case SERVER_SENT_EVENTS -> {
        EventStream stream = openedOrPassing(open(query));
        yield Reply.eventStream(
            new StreamedEvents(stream, new ServerSentForm()), consumerOf(stream));
      }
    };
  }

  private Reply document(EventsQuery query)
      throws InvalidJsonException, ProblemException, InterruptedException {
    return Reply.json(
        200,
        query.isOfPartition()
            ? ReadJson.fetched(RequestHandler.valueOf(reads.fetch(query.fetchRequest())))
            : ReadJson.polled(RequestHandler.valueOf(reads.poll(query.pollRequest()))));
  }

  private Reply fetchedLines(EventsQuery query, boolean cursors)
      throws InvalidJsonException, ProblemException, InterruptedException {
    FetchResult result = RequestHandler.valueOf(reads.fetch(query.fetchRequest()));
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Ottla-Next-Offset", Long.toString(result.nextOffset()));
    if (!result.fromLeader()) {
      headers.put("Ottla-Leader", "false");
    }
    return Reply.lines(ReadLines.fetched(result, cursors), headers);
  }

  private Reply polledLines(EventsQuery query, boolean cursors)
      throws InvalidJsonException, ProblemException, InterruptedException {
    PollResult result = RequestHandler.valueOf(reads.poll(query.pollRequest()));
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Ottla-Consumer-Id", Long.toString(result.consumerId()));
    headers.put("Ottla-Cursor", result.cursor());
    return Reply.lines(ReadLines.polled(result, cursors), headers);
  }

  private Answer<EventStream> open(EventsQuery query)
      throws InvalidJsonException, InterruptedException {
    return query.isOfPartition()
        ? reads.stream(query.fetchRequest())
        : reads.stream(query.pollRequest());
  }

  private static EventStream openedOrPassing(Answer<EventStream> opened) throws ProblemException {
    return opened instanceof Answer.Refused<EventStream>(Refusal refusal)
            && refusal.code().retriable()
        ? new RefusedStream(refusal)
        : RequestHandler.valueOf(opened);
  }

  private static Map<String, String> consumerOf(EventStream stream) {
    return stream.consumerId().isPresent()
        ? Map.of("Ottla-Consumer-Id", Long.toString(stream.consumerId().getAsLong()))
        : Map.of();
  }
}
