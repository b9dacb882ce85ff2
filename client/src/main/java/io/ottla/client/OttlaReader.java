package io.ottla.client;

import java.time.Duration;
import java.util.List;

/**
 * Reads partitions from any offset, any number of times, without a consumer: nothing of it is kept
 * at the server. Thread-safe.
 */
public final class OttlaReader implements AutoCloseable {
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

  private final ConsumerConfig config;
  private final Transport transport;

  /**
   * A reader. Nothing is asked of the server before the first read.
   *
   * @param config where the server is and how much to read at once; what speaks of groups has no
   *     meaning here
   */
  public OttlaReader(ConsumerConfig config) {
    this.config = config;
    this.transport = new Transport(config.url());
  }

  /**
   * Some records of a partition. Immutable.
   *
   * @param records in their order; empty if there were none
   * @param nextOffset where to go on: offsets may have gaps
   */
  public record Page(List<ConsumerRecord> records, long nextOffset) {}

  /**
   * Reads from an offset. Failures that may pass are repeated for the request's time-out.
   *
   * @param partition the partition
   * @param offset of the first record wanted
   * @param wait how long to wait if there is none, at most 60 s
   * @return what is there, as much as configured
   */
  public Page read(TopicPartition partition, long offset, Duration wait) {
    Duration atMost = wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT;
    Request request =
        Request.get("events")
            .query("topic", partition.topic())
            .query("cluster", config.cluster())
            .query("partition", partition.partition())
            .query("offset", offset)
            .query("wait_ms", atMost.toMillis())
            .query("max_events", config.maxPollRecords())
            .query("max_bytes", config.fetchMaxBytes())
            .header("Accept", "application/json")
            .timeout(config.requestTimeout().plus(atMost));
    Duration within = config.requestTimeout().plus(atMost);
    Response response = Backoff.DEFAULT.send(transport, request, within);
    PollAnswer answer = PollAnswer.read(response.body());
    if (answer.nextOffset() < 0) {
      throw OttlaException.noAnswer("bad_answer", "The answer has no next_offset.", null);
    }
    return new Page(answer.records(), answer.nextOffset());
  }

  @Override
  public void close() {
    transport.close();
  }
}
