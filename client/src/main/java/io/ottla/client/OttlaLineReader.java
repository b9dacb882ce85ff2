package io.ottla.client;

import java.net.URI;
import java.time.Duration;

/**
 * Reads events as the lines of JSON that the server writes, for tools that pass them on; {@link
 * OttlaConsumer} and {@link OttlaReader} are for programs that use them. Every call is one request;
 * nothing is repeated. Thread-safe.
 */
public final class OttlaLineReader implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final Transport transport;

  /**
   * A reader from the server at that address. Nothing is sent before the first call.
   *
   * @param url where the server is, for example {@code http://127.0.0.1:8080}
   */
  public OttlaLineReader(String url) {
    this.transport = new Transport(URI.create(url));
  }

  /**
   * Reads a partition from an offset on, without a consumer.
   *
   * @param request which topic, and how much
   * @param partition the partition's number
   * @param offset of the first event that is wanted
   * @return its lines, and where to go on
   */
  public EventLines read(ReadRequest request, int partition, long offset) {
    return fetch(request, events(request).query("partition", partition).query("offset", offset));
  }

  /**
   * Reads a partition from a time on, without a consumer.
   *
   * @param request which topic, and how much
   * @param partition the partition's number
   * @param from {@code earliest}, {@code latest}, milliseconds since 1970 or an ISO time
   * @return its lines, and where to go on
   */
  public EventLines read(ReadRequest request, int partition, String from) {
    return fetch(request, events(request).query("partition", partition).query("from", from));
  }

  /**
   * Joins a group and polls. Nothing is committed automatically.
   *
   * @param request which topic, and how much
   * @param group the group's name
   * @param from where a group without a commit starts: {@code earliest}, {@code latest},
   *     milliseconds since 1970 or an ISO time
   * @return its lines, who this member is, and where it goes on
   */
  public EventLines join(ReadRequest request, String group, String from) {
    return fetch(
        request,
        events(request).query("group", group).query("from", from).query("auto_commit", false));
  }

  /**
   * Polls as a member of a group.
   *
   * @param request which topic, and how much
   * @param last what this member was given last; the same again gives the same again
   * @return its lines, and where it goes on
   */
  public EventLines poll(ReadRequest request, EventLines last) {
    return fetch(
        request,
        events(request)
            .query("consumer_id", last.consumerId())
            .query("cursor", last.cursor())
            .query("auto_commit", false));
  }

  /**
   * Leaves a group at once.
   *
   * @param consumerId the member's number
   */
  public void leave(long consumerId) {
    transport
        .send(Request.delete("consumer", Long.toString(consumerId)).timeout(TIMEOUT))
        .orThrow();
  }

  private static Request events(ReadRequest request) {
    return Request.get("events")
        .query("cluster", request.cluster())
        .query("topic", request.topic())
        .query("max_events", request.maxEvents())
        .query("max_bytes", request.maxBytes())
        .query("wait_ms", request.maxWait().toMillis())
        .header("Accept", "application/x-ndjson");
  }

  private EventLines fetch(ReadRequest request, Request events) {
    return EventLines.of(transport.send(events.timeout(TIMEOUT.plus(request.maxWait()))).orThrow());
  }

  @Override
  public void close() {
    transport.close();
  }
}
