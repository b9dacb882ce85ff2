package io.ottla.client;

import io.ottla.client.OttlaException.Appended;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Sends records in the background, many in one request. Thread-safe; one producer for a whole
 * program is best.
 *
 * <p>Records of one partition are appended in the order in which they were given, through all
 * repeats. With idempotence, the default, a record is appended exactly once unless it is given up;
 * what was given up says whether it may be in the log all the same ({@link
 * OttlaException#appended()}). Records wait in memory of bounded size: {@link #send} blocks when it
 * is full. No record is dropped without a word: every future is completed exactly once.
 *
 * <p>Callbacks and what depends on the futures run on the producer's own thread, which does nothing
 * else meanwhile. They may send, which does not block there, but may not flush.
 */
public final class OttlaProducer implements AutoCloseable {
  private final ProducerConfig config;
  private final Topics topics;
  private final Accumulator accumulator;
  private final Sender sender;
  private final Thread thread;

  /**
   * Starts a producer and its thread. Nothing is sent before the first record.
   *
   * @param config how it works
   */
  public OttlaProducer(ProducerConfig config) {
    this.config = config;
    Transport transport = new Transport(config.url());
    this.topics =
        new Topics(
            transport,
            config.cluster(),
            new Backoff(config.retryBackoff(), config.retryBackoffMax()),
            System::nanoTime);
    this.accumulator = new Accumulator(config, System::nanoTime);
    this.sender = new Sender(config, transport, accumulator, topics, System::nanoTime);
    this.thread = new Thread(sender, "ottla-producer");
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Takes a record to be sent. Blocks while the buffer is full, or the topic is not known yet, at
   * most as long as configured.
   *
   * @param record the record
   * @return completed with where it was appended, or with an {@link OttlaException}
   */
  public CompletableFuture<RecordMetadata> send(ProducerRecord record) {
    return send(record, null);
  }

  /**
   * Takes a record to be sent, as {@link #send(ProducerRecord)} does.
   *
   * @param record the record
   * @param callback is told how it ended, before the future is; may be null
   * @return completed with where it was appended, or with an {@link OttlaException}
   */
  public CompletableFuture<RecordMetadata> send(ProducerRecord record, Callback callback) {
    CompletableFuture<RecordMetadata> future = new CompletableFuture<>();
    OttlaException refused;
    try {
      take(record, future, callback);
      return future;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      refused = OttlaException.notSent("interrupted", "Interrupted before it was sent.");
    } catch (OttlaException e) {
      refused = e.with(Appended.NO);
    }
    Batch.tell(callback, null, refused);
    future.completeExceptionally(refused);
    return future;
  }

  private void take(
      ProducerRecord record, CompletableFuture<RecordMetadata> future, Callback callback)
      throws InterruptedException {
    if (accumulator.isClosed()) {
      throw Accumulator.closed();
    }
    long startNanos = System.nanoTime();
    EncodedEvent event = EncodedEvent.of(record, System.currentTimeMillis());
    Topics.Topic topic = find(record);
    sender.home(record.topic(), topic.cluster());
    Integer partition = record.partition();
    if (partition == null && record.key() != null) {
      partition = Murmur2.partition(record.key(), topic.partitions());
    }
    boolean onOwnThread = Thread.currentThread() == thread;
    long leftNanos =
        onOwnThread ? 0 : config.maxBlock().toNanos() - (System.nanoTime() - startNanos);
    accumulator.append(
        event,
        new Accumulator.Target(record.topic(), partition, topic.partitions()),
        future,
        callback,
        leftNanos);
  }

  /** The record's topic, which has the record's partition. */
  private Topics.Topic find(ProducerRecord record) {
    Topics.Topic topic = topics.find(record.topic(), config.maxBlock());
    if (record.partition() == null || isPartition(record.partition(), topic)) {
      return topic;
    }
    topics.forget(record.topic()); // it may have grown
    topic = topics.find(record.topic(), config.maxBlock());
    if (!isPartition(record.partition(), topic)) {
      throw OttlaException.notSent(
          "partition_out_of_range",
          "Topic %s has the partitions 0 to %d, not %d."
              .formatted(record.topic(), topic.partitions() - 1, record.partition()));
    }
    return topic;
  }

  private static boolean isPartition(int partition, Topics.Topic topic) {
    return partition >= 0 && partition < topic.partitions();
  }

  /** Sends what waits, and returns when all that was taken before is answered or given up. */
  public void flush() {
    if (Thread.currentThread() == thread) {
      throw new IllegalStateException("a callback may not wait for what comes after it");
    }
    try {
      accumulator.flush();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw OttlaException.of("interrupted", "Interrupted before everything was answered.");
    }
  }

  /**
   * How many partitions the topic has. May ask the server, and wait for it as long as {@link #send}
   * would.
   *
   * @param topic the topic's name
   * @return their number
   */
  public int partitionsFor(String topic) {
    return topics.find(topic, config.maxBlock()).partitions();
  }

  /** Takes no more, sends what waits and ends; all is answered or given up by then. */
  @Override
  public void close() {
    close(config.deliveryTimeout().plusSeconds(1));
  }

  /**
   * Takes no more, sends what waits and ends; what is not answered in time is given up with code
   * {@code closed}. An interrupt ends the wait. From a callback it does not wait.
   *
   * @param timeout how long to wait
   */
  public void close(Duration timeout) {
    accumulator.close();
    if (Thread.currentThread() == thread) {
      return;
    }
    boolean interrupted = false;
    try {
      thread.join(Math.max(1, timeout.toMillis()));
    } catch (InterruptedException e) {
      interrupted = true;
    }
    sender.abort();
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
