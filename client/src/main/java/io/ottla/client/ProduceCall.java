package io.ottla.client;

import io.ottla.client.ProducerConfig.Compression;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * One request to append, with one topic's batches, and its attempts: all have the same bytes, until
 * it is numbered anew. The sender's.
 */
final class ProduceCall {
  private static final int COMPRESS_FROM_BYTES = 1_024;

  private final String topic;
  private final ProducerIdentity identity;
  private final Map<Integer, Share> shares = new TreeMap<>();
  private long producerId;
  private long sequence;
  private byte[] body;
  private boolean compressed;
  private int failures;
  private long nextAttemptNanos;
  private CompletableFuture<Response> attempt;
  private OttlaException lastFailure;

  /** The identity is of the topic's cluster. */
  ProduceCall(String topic, ProducerIdentity identity, List<Batch> batches) {
    this.topic = topic;
    this.identity = identity;
    for (Batch batch : batches) {
      shares.computeIfAbsent(batch.partition().partition(), p -> new Share()).add(batch);
    }
  }

  String topic() {
    return topic;
  }

  ProducerIdentity identity() {
    return identity;
  }

  long producerId() {
    return producerId;
  }

  long sequence() {
    return sequence;
  }

  /** By partition. */
  Map<Integer, Share> shares() {
    return shares;
  }

  Stream<Share> unfinished() {
    return shares.values().stream().filter(share -> !share.isDone());
  }

  Stream<Batch> batches() {
    return shares.values().stream().flatMap(share -> share.batches().stream());
  }

  /** Whether the partition must wait for this request's end. */
  boolean holds(TopicPartition partition) {
    Share share = topic.equals(partition.topic()) ? shares.get(partition.partition()) : null;
    return share != null && !share.isDone();
  }

  boolean isDone() {
    return unfinished().findAny().isEmpty();
  }

  boolean isMaybeAppended() {
    return unfinished().anyMatch(Share::isMaybeAppended);
  }

  /** Whether it has bytes that may be sent; else it is to be encoded first. */
  boolean isEncoded() {
    return body != null;
  }

  /** The next attempt carries what is unfinished by then, under a new number. */
  void encodeAnew() {
    identity.answered(producerId, sequence);
    body = null;
  }

  /** Makes the bytes of what is unfinished. */
  void encode(ProducerConfig config) {
    shares.values().forEach(Share::dropDone);
    shares.values().removeIf(share -> share.batches().isEmpty());
    StringBuilder head = new StringBuilder("{\"topic\":").append(quoted(topic));
    head.append(",\"cluster\":").append(quoted(identity.cluster()));
    head.append(",\"timeout_ms\":").append(config.requestTimeout().toMillis());
    head.append(",\"results\":\"partitions\"");
    if (config.enableIdempotence()) {
      producerId = identity.id();
      sequence = identity.takeSequence();
      head.append(",\"producer_id\":").append(producerId);
      head.append(",\"sequence\":").append(sequence);
    }
    int size = head.length() + batches().mapToInt(batch -> batch.sizeBytes() + 1).sum();
    compressed = config.compression() == Compression.GZIP && size >= COMPRESS_FROM_BYTES;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(compressed ? size / 4 : size + 32);
    try (OutputStream out = compressed ? new FastGzip(bytes) : bytes) {
      out.write(head.append(",\"events\":[").toString().getBytes(StandardCharsets.UTF_8));
      boolean first = true;
      for (Batch batch : (Iterable<Batch>) batches()::iterator) {
        if (!first) {
          out.write(',');
        }
        first = false;
        batch.writeTo(out);
      }
      out.write("]}".getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    body = bytes.toByteArray();
  }

  private static String quoted(String text) {
    return new String(Json.write(text), StandardCharsets.UTF_8);
  }

  /** Gzip that prefers speed: events compress well at any level. */
  private static final class FastGzip extends GZIPOutputStream {
    FastGzip(OutputStream out) throws IOException {
      super(out, 8_192);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }

  /** The bytes as a request; the answer may take as long as the server was given, and some. */
  Request request(ProducerConfig config) {
    Request request =
        Request.post("events")
            .body(body, "application/json")
            .timeout(config.requestTimeout().plusSeconds(5));
    return compressed ? request.header("Content-Encoding", "gzip") : request;
  }

  void underWay(CompletableFuture<Response> answer) {
    attempt = answer;
  }

  boolean isUnderWay() {
    return attempt != null;
  }

  void attemptEnded() {
    attempt = null;
  }

  /** Gives up the attempt that is under way, if one is. */
  void cancelAttempt() {
    if (attempt != null) {
      attempt.cancel(true);
      attempt = null;
    }
  }

  /** An attempt failed; how many did. */
  int failed(OttlaException failure) {
    lastFailure = failure;
    return ++failures;
  }

  /** Null if none has failed. */
  OttlaException lastFailure() {
    return lastFailure;
  }

  void attemptAt(long nanos) {
    nextAttemptNanos = nanos;
  }

  /** How long until the next attempt is due: not above 0 if it is. */
  long nanosToAttempt(long now) {
    return nextAttemptNanos - now;
  }

  /** Gives up everything that is unfinished. */
  void fail(OttlaException failure) {
    for (Share share : shares.values()) {
      share.fail(failure);
    }
  }

  /** Gives up the event at that index of the request, and nothing else. */
  void failOne(int index, OttlaException failure) {
    int left = index;
    for (Share share : shares.values()) {
      for (Batch batch : share.batches()) {
        if (left < batch.count()) {
          if (!batch.isDone()) {
            batch.failOne(left, failure);
          }
          return;
        }
        left -= batch.count();
      }
    }
    throw new IllegalStateException("no event " + index);
  }

  /** How many events the last attempt carried. */
  int count() {
    return shares.values().stream().mapToInt(Share::count).sum();
  }
}
