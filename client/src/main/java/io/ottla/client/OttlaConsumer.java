package io.ottla.client;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Reads topics, alone or sharing them with the others of a group. One owner at a time; only {@link
 * #wakeup} may be called by any thread.
 *
 * <p>Polls are repeated after failures in such a way that nothing is left out: each names the
 * answer after which it goes on. With auto-commit, the default, a poll commits what earlier ones
 * gave; without, only {@link #commitSync()} does. Who takes over a partition starts at its commit.
 *
 * <p>A consumer that neither polls nor calls {@link #heartbeat} for the session's time-out loses
 * its partitions to the others of its group.
 */
public final class OttlaConsumer implements AutoCloseable, Iterable<ConsumerRecord> {
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);
  private static final Backoff BACKOFF = Backoff.DEFAULT;

  private final ConsumerConfig config;
  private final ConsumerCalls calls;
  private Set<String> topics = Set.of();
  private Long consumerId;
  private String cursor;
  private Set<TopicPartition> assignment = Set.of();

  /** Where each partition would be if it had to be said again, while there is no cursor. */
  private StartingPoint start;

  private final Map<TopicPartition, Long> given = new HashMap<>();
  private boolean answerLost;
  private Map<TopicPartition, Long> lastPoll = Map.of();
  private final Deque<ConsumerRecord> iterated = new ArrayDeque<>();
  private volatile boolean closed;

  /**
   * Starts a consumer. Nothing is asked of the server before the first poll.
   *
   * @param config how it works
   */
  public OttlaConsumer(ConsumerConfig config) {
    this.config = config;
    this.calls = new ConsumerCalls(config);
    this.consumerId = config.consumerId();
  }

  /**
   * Subscribes to topics, instead of those before. A consumer that goes on as one that was there
   * before has that one's topics.
   *
   * @param names the topics' names
   */
  public void subscribe(String... names) {
    subscribe(List.of(names));
  }

  /**
   * Subscribes to topics, instead of those before.
   *
   * @param names the topics' names
   */
  public void subscribe(Collection<String> names) {
    Set<String> wanted = new LinkedHashSet<>(names);
    if (wanted.isEmpty()) {
      throw new IllegalArgumentException("no topics");
    }
    if (consumerId != null && !topics.isEmpty() && !wanted.equals(topics)) {
      leave();
      consumerId = null;
      moved(null);
    }
    topics = wanted;
  }

  private void leave() {
    if (config.autoCommit()) {
      commitSync();
    }
    if (consumerId != null) {
      calls.leave(consumerId);
    }
  }

  /**
   * The number by which a later consumer may go on where this one is. Makes the consumer if there
   * was no poll yet.
   *
   * @return the number that the server gave
   */
  public long consumerId() {
    if (consumerId == null) {
      if (topics.isEmpty()) {
        throw new IllegalStateException("subscribe first");
      }
      consumerId = calls.create(topics);
    }
    return consumerId;
  }

  /**
   * Waits for records and returns as soon as there is one. Failures that may pass are repeated
   * meanwhile, and thrown when the time is over: to poll again is safe then. What an iterator was
   * about to give comes first.
   *
   * @param timeout how long to wait if there are none
   * @return in their order within each partition; empty if there were none
   */
  public List<ConsumerRecord> poll(Duration timeout) {
    checkOpen();
    if (!iterated.isEmpty()) {
      List<ConsumerRecord> left = List.copyOf(iterated);
      iterated.clear();
      return left;
    }
    long endNanos = System.nanoTime() + timeout.toNanos();
    int failures = 0;
    while (true) {
      Duration left = Duration.ofNanos(Math.max(0, endNanos - System.nanoTime()));
      try {
        List<ConsumerRecord> records =
            pollOnce(left.compareTo(LONGEST_WAIT) < 0 ? left : LONGEST_WAIT);
        failures = 0;
        if (!records.isEmpty() || System.nanoTime() - endNanos >= 0) {
          return records;
        }
      } catch (OttlaException e) {
        long pauseNanos = BACKOFF.nanos(++failures);
        boolean inTime = System.nanoTime() + pauseNanos - endNanos < 0;
        if (!inTime || !mayPass(e)) {
          throw e;
        }
        calls.pause(pauseNanos);
      }
    }
  }

  private static boolean mayPass(OttlaException e) {
    return e.retriable() && !e.code().equals("interrupted");
  }

  private List<ConsumerRecord> pollOnce(Duration wait) {
    long id = consumerId();
    if (cursor == null) {
      if (start == null) {
        start = StartingPoint.of(calls.progress(id));
      } else if (start.isUsed()) {
        start.restore(calls, id, config.autoOffsetReset());
      }
      start.use();
    }
    answerLost = true;
    PollAnswer answer = calls.poll(id, cursor, wait);
    answerLost = false;
    if (answer.cursor() == null) {
      throw OttlaException.noAnswer("bad_answer", "The answer has no cursor.", null);
    }
    cursor = answer.cursor();
    start = null;
    assignment = answer.assignment();
    Map<TopicPartition, Long> next = new HashMap<>();
    for (ConsumerRecord record : answer.records()) {
      next.put(record.topicPartition(), record.offset() + 1);
    }
    lastPoll = next;
    given.putAll(next);
    return answer.records();
  }

  /**
   * The position is another one from now on; it is the server's, and does not depend on a cursor.
   */
  private void moved(StartingPoint from) {
    cursor = null;
    answerLost = false;
    start = from;
    iterated.clear();
    lastPoll = Map.of();
  }

  /** Commits what polls have returned; of the records of an iterator, those that it has given. */
  public void commitSync() {
    checkOpen();
    if (cursor == null) {
      return;
    }
    if (iterated.isEmpty()) {
      repeated(() -> calls.commit(consumerId, cursor));
      return;
    }
    Map<TopicPartition, Long> upToHere = new LinkedHashMap<>(lastPoll);
    iterated
        .descendingIterator()
        .forEachRemaining(record -> upToHere.put(record.topicPartition(), record.offset()));
    repeated(() -> calls.commit(consumerId, upToHere));
  }

  /**
   * Commits exactly that, be it less than before.
   *
   * @param offsets the next offset to read, of partitions that are assigned
   */
  public void commitSync(Map<TopicPartition, Long> offsets) {
    checkOpen();
    long id = consumerId();
    repeated(() -> calls.commit(id, offsets));
  }

  /**
   * Goes on from an offset with the next poll; the other partitions go on where they are.
   *
   * @param partition one that is assigned
   * @param offset the next to read
   */
  public void seek(TopicPartition partition, long offset) {
    checkOpen();
    long id = consumerId();
    Map<TopicPartition, ConsumerCalls.Progress> before = repeated(() -> calls.progress(id));
    Map<TopicPartition, Long> offsets = new HashMap<>();
    if (answerLost) { // the server's position is behind records that nobody saw
      offsets.putAll(given);
      offsets.keySet().retainAll(before.keySet());
    }
    offsets.put(partition, offset);
    repeated(() -> calls.seek(id, offsets));
    given.putAll(offsets);
    moved(StartingPoint.of(before).with(offsets));
  }

  /** Goes on from the beginning of every assigned partition. */
  public void seekToBeginning() {
    seekTo("earliest");
  }

  /** Goes on from the end of every assigned partition. */
  public void seekToEnd() {
    seekTo("latest");
  }

  private void seekTo(String to) {
    checkOpen();
    long id = consumerId();
    repeated(() -> calls.seek(id, to));
    given.clear();
    moved(null);
  }

  /**
   * The next offset to be given.
   *
   * @param partition one that is assigned
   * @return the offset, or null before there is one
   */
  public Long position(TopicPartition partition) {
    return progress(partition).position();
  }

  /**
   * The next offset that would be read after a restart.
   *
   * @param partition one that is assigned
   * @return the offset, or null if nothing was committed
   */
  public Long committed(TopicPartition partition) {
    return progress(partition).committed();
  }

  private ConsumerCalls.Progress progress(TopicPartition partition) {
    checkOpen();
    long id = consumerId();
    Map<TopicPartition, ConsumerCalls.Progress> all = repeated(() -> calls.progress(id));
    return all.getOrDefault(partition, new ConsumerCalls.Progress(null, null));
  }

  /**
   * The partitions that are this consumer's.
   *
   * @return as of the last poll
   */
  public Set<TopicPartition> assignment() {
    return Set.copyOf(assignment);
  }

  /** Shows that the consumer is alive, for work that takes longer than the session's time-out. */
  public void heartbeat() {
    checkOpen();
    long id = consumerId();
    repeated(() -> calls.heartbeat(id));
  }

  private void repeated(Runnable call) {
    repeated(
        () -> {
          call.run();
          return true;
        });
  }

  private <T> T repeated(Supplier<T> call) {
    long endNanos = System.nanoTime() + config.requestTimeout().toNanos();
    for (int failures = 1; ; failures++) {
      try {
        return call.get();
      } catch (OttlaException e) {
        long pauseNanos = BACKOFF.nanos(failures);
        if (!mayPass(e) || System.nanoTime() + pauseNanos - endNanos > 0) {
          throw e;
        }
        calls.pause(pauseNanos);
      }
    }
  }

  /**
   * Makes the call that is under way, or else the next one, fail with code {@code wakeup}; an
   * iterator ends instead. Thread-safe.
   */
  public void wakeup() {
    calls.wakeup();
  }

  /**
   * Polls for ever, through failures that may pass; it ends when the consumer is closed or woken
   * up.
   *
   * @return an iterator over all records to come
   */
  @Override
  public Iterator<ConsumerRecord> iterator() {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return !closed && (!iterated.isEmpty() || fill());
      }

      @Override
      public ConsumerRecord next() {
        if (!hasNext()) {
          throw new NoSuchElementException("the consumer was closed or woken up");
        }
        return iterated.remove();
      }
    };
  }

  /**
   * The iterator's records as a stream.
   *
   * @return a stream of all records to come
   */
  public Stream<ConsumerRecord> stream() {
    return StreamSupport.stream(
        Spliterators.spliteratorUnknownSize(
            iterator(), Spliterator.ORDERED | Spliterator.NONNULL | Spliterator.IMMUTABLE),
        false);
  }

  private boolean fill() {
    while (iterated.isEmpty()) {
      try {
        iterated.addAll(poll(LONGEST_WAIT));
      } catch (OttlaException e) {
        if (e.code().equals("wakeup")) {
          return false;
        }
        if (!mayPass(e)) {
          throw e;
        }
      }
    }
    return true;
  }

  private void checkOpen() {
    if (closed) {
      throw OttlaException.of("closed", "The consumer is closed.");
    }
  }

  /**
   * Commits what polls have returned, if auto-commit is on, and leaves the group. The consumer's
   * number is of no use any more.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    calls.forgetWakeup();
    try {
      leave();
    } catch (OttlaException e) {
      // The session's end does the same; what is not committed comes again.
      System.getLogger(OttlaConsumer.class.getName())
          .log(System.Logger.Level.WARNING, "could not leave: consumer_id={0} {1}", consumerId, e);
    } finally {
      detach();
    }
  }

  /**
   * Ends without a word to the server; what was not committed is not. Within the session's
   * time-out, another consumer may go on with this one's number and partitions.
   */
  public void detach() {
    closed = true;
    calls.close();
  }
}
