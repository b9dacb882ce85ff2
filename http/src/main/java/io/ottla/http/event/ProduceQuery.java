package io.ottla.http.event;

import io.ottla.broker.produce.ProducerSequence;
import io.ottla.http.RequestHeaders;
import io.ottla.http.json.Fields;
import io.ottla.http.json.InvalidJsonException;
import io.ottla.http.json.ProducerNumbers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * What every produce may say beside its body, in the query and in headers. Immutable.
 *
 * @param timeoutMs empty: the usual one
 * @param numbers the producer's, from query and headers
 */
public record ProduceQuery(
    Optional<String> topic,
    Optional<String> cluster,
    OptionalInt timeoutMs,
    ProducerNumbers numbers) {
  /** More partitions than any topic has. */
  public static final int MAX_PARTITION = 1_000_000;

  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);
  private static final int MAX_TIMEOUT_MS = 60_000;
  private static final String PRODUCER_ID = "Producer-Id";
  private static final String SEQUENCE = "Producer-Sequence";
  private static final Set<String> KNOWN =
      Set.of("topic", "cluster", "timeout_ms", "producer_id", "sequence");

  /** The names of the query's parameters, and more. */
  public static Set<String> knownWith(Set<String> more) {
    Set<String> known = new TreeSet<>(KNOWN);
    known.addAll(more);
    return Set.copyOf(known);
  }

  /** Reads them. */
  public static ProduceQuery read(Fields fields, RequestHeaders headers)
      throws InvalidJsonException {
    return new ProduceQuery(
        fields.text("topic"),
        fields.text("cluster"),
        fields.integer("timeout_ms", 1, MAX_TIMEOUT_MS),
        ProducerNumbers.of(fields, "producer_id", "sequence").and(ofHeaders(headers)));
  }

  /** Whether headers say any of it. */
  static boolean isIn(RequestHeaders headers) {
    return headers.first(PRODUCER_ID).isPresent() || headers.first(SEQUENCE).isPresent();
  }

  private static ProducerNumbers ofHeaders(RequestHeaders headers) throws InvalidJsonException {
    Optional<String> id = headers.first(PRODUCER_ID);
    Optional<String> sequence = headers.first(SEQUENCE);
    if (!isIn(headers)) {
      return ProducerNumbers.NONE;
    }
    for (String name : new String[] {PRODUCER_ID, SEQUENCE}) {
      if (headers.isRepeated(name)) {
        throw InvalidJsonException.field(name, "\"" + name + "\" is given twice.");
      }
    }
    Map<String, String> values = new LinkedHashMap<>();
    id.ifPresent(value -> values.put(PRODUCER_ID, value));
    sequence.ifPresent(value -> values.put(SEQUENCE, value));
    Fields fields = Fields.read(values, new byte[0], 0, values.keySet());
    return ProducerNumbers.of(fields, PRODUCER_ID, SEQUENCE);
  }

  /** How long to wait for the commit. */
  public Duration timeout() {
    return timeoutMs.isPresent() ? Duration.ofMillis(timeoutMs.getAsInt()) : DEFAULT_TIMEOUT;
  }

  /** What makes the request safe to send again. */
  public Optional<ProducerSequence> producer() throws InvalidJsonException {
    return numbers.toSequence();
  }
}
