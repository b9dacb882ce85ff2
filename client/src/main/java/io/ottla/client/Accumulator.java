package io.ottla.client;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Records that wait to be sent, in batches per partition, within a bound of memory that covers
 * those under way as well. A batch is ready when it is full, has waited for the linger time, or
 * cannot wait: at a flush, at the end, or when memory is short.
 *
 * <p>Thread-safe. The lock guards every field that is not final, and the collections; nothing is
 * done under it but moving records.
 */
final class Accumulator {
  /** One partition's share of a request: the server takes 3.5 MiB of it. */
  static final int MAX_SHARE_BYTES = 3 * 1024 * 1024;

  /** Events and headers of a request: the server takes 100,000 of each. */
  private static final int MAX_UNITS = 90_000;

  /** What a request has beside its events. */
  private static final int ENVELOPE_BYTES = 2_048;

  private static final int FIRST_CAPACITY_BYTES = 1_024;

  private final ProducerConfig config;
  private final LongSupplier nanoClock;
  private final long lingerNanos;
  private final int batchBytes;
  private final int largestEventBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition memoryFreed = lock.newCondition();
  private final Condition work = lock.newCondition();
  private final Map<TopicPartition, Deque<Batch>> waiting = new LinkedHashMap<>();
  private final Set<Batch> incomplete = new LinkedHashSet<>();
  private final Map<String, Integer> sticky = new HashMap<>();
  private long usedBytes;
  private int blocked;
  private int flushes;
  private boolean closed;
  private boolean nudged;

  Accumulator(ProducerConfig config, LongSupplier nanoClock) {
    this.config = config;
    this.nanoClock = nanoClock;
    this.lingerNanos = config.linger().toNanos();
    int requestBytes = Math.max(config.maxRequestSize() - ENVELOPE_BYTES, 1);
    this.largestEventBytes = Math.min(requestBytes, MAX_SHARE_BYTES);
    this.batchBytes = Math.min(config.batchSize(), largestEventBytes);
  }

  /**
   * Where a record is to go.
   *
   * @param partition null: any of the topic's
   * @param partitions how many the topic has
   */
  record Target(String topic, Integer partition, int partitions) {}

  /**
   * Takes a record; waits for memory if need be.
   *
   * @param maxBlockNanos how long to wait
   * @throws OttlaException if it is not taken
   */
  void append(
      EncodedEvent event,
      Target target,
      CompletableFuture<RecordMetadata> future,
      Callback callback,
      long maxBlockNanos)
      throws InterruptedException {
    int cost = event.costBytes();
    if (cost > largestEventBytes || cost > config.bufferMemory() || event.units() > MAX_UNITS) {
      throw OttlaException.notSent(
          "record_too_large", "A record of " + cost + " bytes does not fit into a request.");
    }
    lock.lock();
    try {
      awaitMemory(cost, maxBlockNanos);
      usedBytes += cost;
      TopicPartition to = new TopicPartition(target.topic(), choose(target, event));
      Deque<Batch> batches = waiting.computeIfAbsent(to, p -> new ArrayDeque<>());
      Batch last = batches.peekLast();
      if (last == null || !fits(last, event)) {
        last = new Batch(to, nanoClock.getAsLong(), Math.min(FIRST_CAPACITY_BYTES, batchBytes));
        batches.add(last);
        incomplete.add(last);
        nudge();
      }
      last.add(event, future, callback);
      if (last.sizeBytes() >= batchBytes) {
        nudge();
      }
    } finally {
      lock.unlock();
    }
  }

  private void awaitMemory(int cost, long maxBlockNanos) throws InterruptedException {
    long leftNanos = maxBlockNanos;
    blocked++;
    try {
      while (!closed && usedBytes + cost > config.bufferMemory()) {
        if (leftNanos <= 0) {
          throw OttlaException.notSent(
              "buffer_full", "The buffer was full for " + config.maxBlock() + ".");
        }
        nudge();
        leftNanos = memoryFreed.awaitNanos(leftNanos);
      }
    } finally {
      blocked--;
    }
    if (closed) {
      throw closed();
    }
  }

  static OttlaException closed() {
    return OttlaException.notSent("closed", "The producer is closed.");
  }

  /** A record without a partition stays with one until a batch of it is full or on its way. */
  private int choose(Target target, EncodedEvent event) {
    if (target.partition() != null) {
      return target.partition();
    }
    Integer current = sticky.get(target.topic());
    int chosen;
    if (current == null) {
      chosen = ThreadLocalRandom.current().nextInt(target.partitions());
    } else {
      Deque<Batch> batches = waiting.get(new TopicPartition(target.topic(), current));
      boolean open = batches != null && fits(batches.peekLast(), event);
      chosen = (open ? current : current + 1) % target.partitions();
    }
    sticky.put(target.topic(), chosen);
    return chosen;
  }

  private boolean fits(Batch batch, EncodedEvent event) {
    return batch.sizeBytes() + event.costBytes() <= batchBytes
        && batch.units() + event.units() <= MAX_UNITS;
  }

  /**
   * Takes the batches of the next request: of the topic whose ready batch is the oldest, everything
   * that waits in partitions that are ready, as far as it fits.
   *
   * @param mayGo whether a partition's batches may be sent now
   * @return in order within each partition; empty if nothing is ready
   */
  List<Batch> drain(Predicate<TopicPartition> mayGo) {
    lock.lock();
    try {
      long now = nanoClock.getAsLong();
      List<TopicPartition> ready = new ArrayList<>();
      for (Map.Entry<TopicPartition, Deque<Batch>> entry : waiting.entrySet()) {
        if (isReady(entry.getValue(), now) && mayGo.test(entry.getKey())) {
          ready.add(entry.getKey());
        }
      }
      ready.sort((a, b) -> Long.compare(firstCreated(a) - now, firstCreated(b) - now));
      List<Batch> taken = new ArrayList<>();
      Room room = new Room(config.maxRequestSize() - ENVELOPE_BYTES);
      for (TopicPartition partition : ready) {
        if (partition.topic().equals(ready.get(0).topic())) {
          take(partition, room, taken);
        }
      }
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** What a request still has room for. */
  private static final class Room {
    private int bytes;
    private int units = MAX_UNITS;

    Room(int bytes) {
      this.bytes = bytes;
    }

    boolean take(Batch batch, boolean whatever) {
      if (!whatever && (batch.sizeBytes() + 1 > bytes || batch.units() > units)) {
        return false;
      }
      bytes -= batch.sizeBytes() + 1;
      units -= batch.units();
      return true;
    }
  }

  private void take(TopicPartition partition, Room room, List<Batch> taken) {
    Deque<Batch> batches = waiting.get(partition);
    int shareBytes = 0;
    while (!batches.isEmpty()) {
      Batch batch = batches.peekFirst();
      shareBytes += batch.sizeBytes() + 1;
      if ((shareBytes > MAX_SHARE_BYTES && shareBytes > batch.sizeBytes() + 1)
          || !room.take(batch, taken.isEmpty())) {
        return;
      }
      taken.add(batches.removeFirst());
    }
    waiting.remove(partition);
  }

  private boolean isReady(Deque<Batch> batches, long now) {
    Batch first = batches.peekFirst();
    return batches.size() > 1
        || first.sizeBytes() >= batchBytes
        || now - first.createdNanos() >= lingerNanos
        || flushes > 0
        || blocked > 0
        || closed;
  }

  private long firstCreated(TopicPartition partition) {
    return waiting.get(partition).peekFirst().createdNanos();
  }

  /** Takes out the batches of that kind which have none of another kind before them. */
  List<Batch> take(Predicate<Batch> kind) {
    lock.lock();
    try {
      List<Batch> taken = new ArrayList<>();
      Iterator<Deque<Batch>> each = waiting.values().iterator();
      while (each.hasNext()) {
        Deque<Batch> batches = each.next();
        while (!batches.isEmpty() && kind.test(batches.peekFirst())) {
          taken.add(batches.removeFirst());
        }
        if (batches.isEmpty()) {
          each.remove();
        }
      }
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** How long until a partition that may go has a ready batch; at most the given time. */
  long nanosToReady(Predicate<TopicPartition> mayGo, long mostNanos) {
    lock.lock();
    try {
      long now = nanoClock.getAsLong();
      long nanos = mostNanos;
      for (Map.Entry<TopicPartition, Deque<Batch>> entry : waiting.entrySet()) {
        if (mayGo.test(entry.getKey())) {
          Deque<Batch> batches = entry.getValue();
          long wait = batches.peekFirst().createdNanos() + lingerNanos - now;
          nanos = Math.min(nanos, isReady(batches, now) ? 0 : wait);
        }
      }
      return nanos;
    } finally {
      lock.unlock();
    }
  }

  /** How long until the oldest batch that is not done was made so long ago; at most that time. */
  long nanosToAge(long ageNanos, long mostNanos) {
    lock.lock();
    try {
      Iterator<Batch> oldest = incomplete.iterator();
      return oldest.hasNext()
          ? Math.min(mostNanos, oldest.next().createdNanos() + ageNanos - nanoClock.getAsLong())
          : mostNanos;
    } finally {
      lock.unlock();
    }
  }

  /** The topics of which something waits. */
  Set<String> topics() {
    lock.lock();
    try {
      Set<String> topics = new LinkedHashSet<>();
      waiting.keySet().forEach(partition -> topics.add(partition.topic()));
      return topics;
    } finally {
      lock.unlock();
    }
  }

  /** Gives back the memory of a batch that is done; again has no effect. */
  void release(Batch batch) {
    lock.lock();
    try {
      if (incomplete.remove(batch)) {
        usedBytes -= batch.costBytes();
        memoryFreed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits until there is something new to look at, or the time is over. */
  void awaitWork(long nanos) throws InterruptedException {
    lock.lock();
    try {
      long leftNanos = nanos;
      while (!nudged && leftNanos > 0) {
        leftNanos = work.awaitNanos(leftNanos);
      }
      nudged = false;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the wait for work. */
  void nudge() {
    lock.lock();
    try {
      nudged = true;
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Makes everything ready and waits until all that was taken before is done. */
  void flush() throws InterruptedException {
    List<Batch> before;
    lock.lock();
    try {
      before = new ArrayList<>(incomplete);
      flushes++;
      nudge();
    } finally {
      lock.unlock();
    }
    try {
      for (Batch batch : before) {
        batch.awaitEnd();
      }
    } finally {
      lock.lock();
      try {
        flushes--;
      } finally {
        lock.unlock();
      }
    }
  }

  /** Takes no more, and makes everything ready. */
  void close() {
    lock.lock();
    try {
      closed = true;
      memoryFreed.signalAll();
      nudge();
    } finally {
      lock.unlock();
    }
  }

  boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Whether nothing more can come, and everything that was taken is done. */
  boolean isFinished() {
    lock.lock();
    try {
      return closed && incomplete.isEmpty();
    } finally {
      lock.unlock();
    }
  }
}
