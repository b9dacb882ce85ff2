package io.ottla.client;

import java.net.URI;
import java.time.Duration;
import java.util.Objects;

/**
 * How an {@link OttlaConsumer} works. Immutable.
 *
 * @param url where the server is
 * @param cluster the cluster's name; null (the default) if the topics' names are enough
 * @param group the group that shares the topics; null (the default): a group of its own
 * @param consumerId the number of the consumer to go on as; null (the default): a new one
 * @param autoCommit whether what earlier polls gave is committed by later ones; the default
 * @param autoCommitInterval at most how often that is done; 1 s by default
 * @param autoOffsetReset where a group without a commit starts: earliest (the default), latest,
 *     milliseconds since 1970 or an ISO time
 * @param sessionTimeout how long a silent consumer keeps its partitions; 45 s by default
 * @param maxPollRecords how many records a poll gives at most, up to 100,000; 500 by default
 * @param fetchMaxBytes how many bytes of events a poll gives at most, up to 16 MiB, but at least
 *     one event; 1 MiB by default
 * @param requestTimeout how long an answer may take beyond what it was asked to wait; 30 s by
 *     default
 */
public record ConsumerConfig(
    URI url,
    String cluster,
    String group,
    Long consumerId,
    boolean autoCommit,
    Duration autoCommitInterval,
    String autoOffsetReset,
    Duration sessionTimeout,
    int maxPollRecords,
    int fetchMaxBytes,
    Duration requestTimeout) {

  private static final int MOST_RECORDS = 100_000;
  private static final int MOST_BYTES = 16 * 1024 * 1024;

  /** Checks the bounds. */
  public ConsumerConfig {
    Objects.requireNonNull(url, "url");
    Objects.requireNonNull(autoOffsetReset, "autoOffsetReset");
    check(!autoCommitInterval.isNegative(), "autoCommitInterval", autoCommitInterval);
    check(
        sessionTimeout.toMillis() >= 1_000 && sessionTimeout.toHours() < 1,
        "sessionTimeout",
        sessionTimeout);
    check(maxPollRecords > 0 && maxPollRecords <= MOST_RECORDS, "maxPollRecords", maxPollRecords);
    check(fetchMaxBytes > 0 && fetchMaxBytes <= MOST_BYTES, "fetchMaxBytes", fetchMaxBytes);
    check(requestTimeout.toMillis() > 0, "requestTimeout", requestTimeout);
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
    private String group;
    private Long consumerId;
    private boolean autoCommit = true;
    private Duration autoCommitInterval = Duration.ofSeconds(1);
    private String autoOffsetReset = "earliest";
    private Duration sessionTimeout = Duration.ofSeconds(45);
    private int maxPollRecords = 500;
    private int fetchMaxBytes = 1024 * 1024;
    private Duration requestTimeout = Duration.ofSeconds(30);

    private Builder(URI url) {
      this.url = url;
    }

    /**
     * Names the cluster.
     *
     * @param cluster the cluster's name; null (the default) if the topics' names are enough
     * @return this builder
     */
    public Builder cluster(String cluster) {
      this.cluster = cluster;
      return this;
    }

    /**
     * Names the group.
     *
     * @param group the group that shares the topics; null (the default): a group of its own
     * @return this builder
     */
    public Builder group(String group) {
      this.group = group;
      return this;
    }

    /**
     * Goes on as a consumer that was there before.
     *
     * @param consumerId the number of the consumer to go on as; null (the default): a new one
     * @return this builder
     */
    public Builder consumerId(Long consumerId) {
      this.consumerId = consumerId;
      return this;
    }

    /**
     * Whether polls commit.
     *
     * @param autoCommit whether what earlier polls gave is committed by later ones; the default
     * @return this builder
     */
    public Builder autoCommit(boolean autoCommit) {
      this.autoCommit = autoCommit;
      return this;
    }

    /**
     * How often polls commit.
     *
     * @param autoCommitInterval at most how often that is done; 1 s by default
     * @return this builder
     */
    public Builder autoCommitInterval(Duration autoCommitInterval) {
      this.autoCommitInterval = autoCommitInterval;
      return this;
    }

    /**
     * Where to start without a commit.
     *
     * @param autoOffsetReset where a group without a commit starts: earliest (the default), latest,
     *     milliseconds since 1970 or an ISO time
     * @return this builder
     */
    public Builder autoOffsetReset(String autoOffsetReset) {
      this.autoOffsetReset = autoOffsetReset;
      return this;
    }

    /**
     * How long silence may last.
     *
     * @param sessionTimeout how long a silent consumer keeps its partitions; 45 s by default
     * @return this builder
     */
    public Builder sessionTimeout(Duration sessionTimeout) {
      this.sessionTimeout = sessionTimeout;
      return this;
    }

    /**
     * Bounds a poll's records.
     *
     * @param maxPollRecords how many records a poll gives at most, up to 100,000; 500 by default
     * @return this builder
     */
    public Builder maxPollRecords(int maxPollRecords) {
      this.maxPollRecords = maxPollRecords;
      return this;
    }

    /**
     * Bounds a poll's bytes.
     *
     * @param fetchMaxBytes how many bytes of events a poll gives at most, up to 16 MiB, but at
     *     least one event; 1 MiB by default
     * @return this builder
     */
    public Builder fetchMaxBytes(int fetchMaxBytes) {
      this.fetchMaxBytes = fetchMaxBytes;
      return this;
    }

    /**
     * Bounds an attempt.
     *
     * @param requestTimeout how long an answer may take beyond what it was asked to wait; 30 s by
     *     default
     * @return this builder
     */
    public Builder requestTimeout(Duration requestTimeout) {
      this.requestTimeout = requestTimeout;
      return this;
    }

    /**
     * The configuration, checked.
     *
     * @return a configuration with what was given, and the defaults for the rest
     */
    public ConsumerConfig build() {
      return new ConsumerConfig(
          url,
          cluster,
          group,
          consumerId,
          autoCommit,
          autoCommitInterval,
          autoOffsetReset,
          sessionTimeout,
          maxPollRecords,
          fetchMaxBytes,
          requestTimeout);
    }
  }
}
