package io.ottla.client;

import java.net.URI;
import java.time.Duration;
import java.util.Objects;

/**
 * How an {@link OttlaProducer} works. Immutable.
 *
 * @param url where the server is
 * @param cluster the cluster's name; null (the default) if the topic's name is enough
 * @param linger how long a record may wait for others to be sent with; 5 ms by default
 * @param batchSize bytes of encoded events of one partition that make a batch full; 64 KiB by
 *     default
 * @param bufferMemory bytes of encoded events that may wait or be under way; 32 MiB by default
 * @param maxBlock how long {@code send} may block while the buffer is full or the topic is not
 *     known; 60 s by default
 * @param maxRequestSize bytes of a request before compression, at most 15 MiB; 4 MiB by default
 * @param compression how requests are compressed; gzip by default
 * @param deliveryTimeout how long after {@code send} a record is given up; 120 s by default
 * @param requestTimeout how long the server may take for one attempt, at most 60 s; 10 s by default
 * @param retryBackoff the pause before a second attempt, doubled with each; 100 ms by default
 * @param retryBackoffMax the longest pause before an attempt; 1 s by default
 * @param maxInFlight how many requests may be under way at once; 4 by default
 * @param enableIdempotence whether attempts are numbered so that none is appended twice; the
 *     default
 * @param clientName a label for the server's list of producers
 */
public record ProducerConfig(
    URI url,
    String cluster,
    Duration linger,
    int batchSize,
    long bufferMemory,
    Duration maxBlock,
    int maxRequestSize,
    Compression compression,
    Duration deliveryTimeout,
    Duration requestTimeout,
    Duration retryBackoff,
    Duration retryBackoffMax,
    int maxInFlight,
    boolean enableIdempotence,
    String clientName) {

  /** How the bodies of requests are compressed. */
  public enum Compression {
    /** As they are. */
    NONE,
    /** With gzip, if there is enough to be worth it. */
    GZIP
  }

  private static final int LARGEST_REQUEST_BYTES = 15 * 1024 * 1024;
  private static final Duration LONGEST_ATTEMPT = Duration.ofMinutes(1);

  /** Checks the bounds. */
  public ProducerConfig {
    Objects.requireNonNull(url, "url");
    Objects.requireNonNull(compression, "compression");
    Objects.requireNonNull(clientName, "clientName");
    check(!linger.isNegative(), "linger", linger);
    check(batchSize > 0, "batchSize", batchSize);
    check(bufferMemory > 0, "bufferMemory", bufferMemory);
    check(!maxBlock.isNegative(), "maxBlock", maxBlock);
    check(
        maxRequestSize > 0 && maxRequestSize <= LARGEST_REQUEST_BYTES,
        "maxRequestSize",
        maxRequestSize);
    check(deliveryTimeout.toMillis() > 0, "deliveryTimeout", deliveryTimeout);
    check(
        requestTimeout.toMillis() > 0 && requestTimeout.compareTo(LONGEST_ATTEMPT) <= 0,
        "requestTimeout",
        requestTimeout);
    check(!retryBackoff.isNegative(), "retryBackoff", retryBackoff);
    check(retryBackoffMax.compareTo(retryBackoff) >= 0, "retryBackoffMax", retryBackoffMax);
    check(maxInFlight > 0 && maxInFlight <= 512, "maxInFlight", maxInFlight);
  }

  private static void check(boolean ok, String name, Object value) {
    if (!ok) {
      throw new IllegalArgumentException(name + " is out of range: " + value);
    }
  }

  /**
   * A configuration to be filled.
   *
   * @param url where the server is, for example {@code http://127.0.0.1:8080}
   * @return a builder with the defaults
   */
  public static Builder builder(String url) {
    return new Builder(URI.create(url));
  }

  /** A configuration in the making. One owner at a time. */
  public static final class Builder {
    private final URI url;
    private String cluster;
    private Duration linger = Duration.ofMillis(5);
    private int batchSize = 64 * 1024;
    private long bufferMemory = 32L * 1024 * 1024;
    private Duration maxBlock = Duration.ofMinutes(1);
    private int maxRequestSize = 4 * 1024 * 1024;
    private Compression compression = Compression.GZIP;
    private Duration deliveryTimeout = Duration.ofMinutes(2);
    private Duration requestTimeout = Duration.ofSeconds(10);
    private Duration retryBackoff = Duration.ofMillis(100);
    private Duration retryBackoffMax = Duration.ofSeconds(1);
    private int maxInFlight = 4;
    private boolean enableIdempotence = true;
    private String clientName = "java-client";

    private Builder(URI url) {
      this.url = url;
    }

    /**
     * Names the cluster.
     *
     * @param cluster the cluster's name; null (the default) if the topic's name is enough
     * @return this builder
     */
    public Builder cluster(String cluster) {
      this.cluster = cluster;
      return this;
    }

    /**
     * How long to wait for more.
     *
     * @param linger how long a record may wait for others to be sent with; 5 ms by default
     * @return this builder
     */
    public Builder linger(Duration linger) {
      this.linger = linger;
      return this;
    }

    /**
     * How many bytes are not waited for.
     *
     * @param batchSize bytes of encoded events of one partition that make a batch full; 64 KiB by
     *     default
     * @return this builder
     */
    public Builder batchSize(int batchSize) {
      this.batchSize = batchSize;
      return this;
    }

    /**
     * Bounds the memory.
     *
     * @param bufferMemory bytes of encoded events that may wait or be under way; 32 MiB by default
     * @return this builder
     */
    public Builder bufferMemory(long bufferMemory) {
      this.bufferMemory = bufferMemory;
      return this;
    }

    /**
     * How long to block.
     *
     * @param maxBlock how long {@code send} may block while the buffer is full or the topic is not
     *     known; 60 s by default
     * @return this builder
     */
    public Builder maxBlock(Duration maxBlock) {
      this.maxBlock = maxBlock;
      return this;
    }

    /**
     * Bounds a request.
     *
     * @param maxRequestSize bytes of a request before compression, at most 15 MiB; 4 MiB by default
     * @return this builder
     */
    public Builder maxRequestSize(int maxRequestSize) {
      this.maxRequestSize = maxRequestSize;
      return this;
    }

    /**
     * Chooses the compression.
     *
     * @param compression how requests are compressed; gzip by default
     * @return this builder
     */
    public Builder compression(Compression compression) {
      this.compression = compression;
      return this;
    }

    /**
     * When to give up.
     *
     * @param deliveryTimeout how long after {@code send} a record is given up; 120 s by default
     * @return this builder
     */
    public Builder deliveryTimeout(Duration deliveryTimeout) {
      this.deliveryTimeout = deliveryTimeout;
      return this;
    }

    /**
     * Bounds an attempt.
     *
     * @param requestTimeout how long the server may take for one attempt, at most 60 s; 10 s by
     *     default
     * @return this builder
     */
    public Builder requestTimeout(Duration requestTimeout) {
      this.requestTimeout = requestTimeout;
      return this;
    }

    /**
     * The first pause.
     *
     * @param retryBackoff the pause before a second attempt, doubled with each; 100 ms by default
     * @return this builder
     */
    public Builder retryBackoff(Duration retryBackoff) {
      this.retryBackoff = retryBackoff;
      return this;
    }

    /**
     * The longest pause.
     *
     * @param retryBackoffMax the longest pause before an attempt; 1 s by default
     * @return this builder
     */
    public Builder retryBackoffMax(Duration retryBackoffMax) {
      this.retryBackoffMax = retryBackoffMax;
      return this;
    }

    /**
     * How many requests at once.
     *
     * @param maxInFlight how many requests may be under way at once; 4 by default
     * @return this builder
     */
    public Builder maxInFlight(int maxInFlight) {
      this.maxInFlight = maxInFlight;
      return this;
    }

    /**
     * Whether repeats are safe.
     *
     * @param enableIdempotence whether attempts are numbered so that none is appended twice; the
     *     default
     * @return this builder
     */
    public Builder enableIdempotence(boolean enableIdempotence) {
      this.enableIdempotence = enableIdempotence;
      return this;
    }

    /**
     * Names this producer.
     *
     * @param clientName a label for the server's list of producers
     * @return this builder
     */
    public Builder clientName(String clientName) {
      this.clientName = clientName;
      return this;
    }

    /**
     * The configuration, checked.
     *
     * @return a configuration with what was given, and the defaults for the rest
     */
    public ProducerConfig build() {
      return new ProducerConfig(
          url,
          cluster,
          linger,
          batchSize,
          bufferMemory,
          maxBlock,
          maxRequestSize,
          compression,
          deliveryTimeout,
          requestTimeout,
          retryBackoff,
          retryBackoffMax,
          maxInFlight,
          enableIdempotence,
          clientName);
    }
  }
}
