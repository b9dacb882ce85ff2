package io.ottla.client;

/**
 * Events as the server writes them, a JSON object each, and a line feed after each. Immutable, as
 * long as nobody changes the array.
 *
 * @param bytes the lines; empty if there was nothing. A line may be {@code {"skipped":[…]}}: what
 *     it names is not there any more
 * @param nextOffset of the partition, where to go on; -1 if a group was read
 * @param consumerId who the group's member is; -1 if a partition was read
 * @param cursor where the member goes on; null if a partition was read
 */
@SuppressWarnings("ArrayRecordComponent") // megabytes that are passed on, never compared
public record EventLines(byte[] bytes, long nextOffset, long consumerId, String cursor) {
  static EventLines of(Response response) {
    return new EventLines(
        response.body(),
        response.headers().firstValueAsLong("Ottla-Next-Offset").orElse(-1),
        response.headers().firstValueAsLong("Ottla-Consumer-Id").orElse(-1),
        response.headers().firstValue("Ottla-Cursor").orElse(null));
  }
}
