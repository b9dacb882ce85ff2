package io.ottla.broker.produce;

import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.metadata.Topic;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Chooses the partition of events that do not name one: by their key, as Kafka's Java client does,
 * else in turn. Thread-safe.
 */
public final class Partitioner {
  private static final int SEED = 0x9747b28c;
  private static final int M = 0x5bd1e995;
  private static final int R = 24;

  /** Per topic, the number of events without a key so far; wraps around. */
  private final ConcurrentHashMap<UUID, AtomicInteger> turns = new ConcurrentHashMap<>();

  /**
   * The partition of an event of a request: the one that it names, or that of its key, or the next
   * one; or, if the request may be sent again, the one that follows from its sequence.
   *
   * @param line the event's number in its request or stream, from 0
   */
  int partition(Topic topic, Event event, Optional<ProducerSequence> producer, long line) {
    if (event.partition() != null) {
      return event.partition();
    }
    return event.key() == null && producer.isPresent()
        ? (int) Math.floorMod(producer.get().sequence() + line, (long) topic.partitions())
        : partition(topic.id(), event.key(), topic.partitions());
  }

  /**
   * The partition of an event.
   *
   * @param key null if it has none; an empty key is a key
   * @param partitions of the topic, at least 1
   */
  public int partition(UUID topicId, ByteBuffer key, int partitions) {
    if (key != null) {
      return ofKey(key, partitions);
    }
    AtomicInteger turn = turns.get(topicId);
    if (turn == null) {
      turn = turns.computeIfAbsent(topicId, _ -> new AtomicInteger());
    }
    return nextTurn(turn, partitions);
  }

  /** Every partition gets its turn before one gets its second: the count is cut to a multiple. */
  private static int nextTurn(AtomicInteger turn, int partitions) {
    while (true) {
      int now = turn.get();
      int mine = now >= partitions ? 0 : now;
      if (turn.compareAndSet(now, mine + 1)) {
        return mine;
      }
    }
  }

  /** Forgets topics that are no more. */
  public void retain(Set<UUID> topicIds) {
    turns.keySet().retainAll(topicIds);
  }

  /** The partition of a key: {@code (murmur2(key) & 0x7fffffff) mod partitions}. */
  public static int ofKey(ByteBuffer key, int partitions) {
    return (murmur2(key) & 0x7fffffff) % partitions;
  }

  /**
   * Austin Appleby's MurmurHash2, 32 bits, little-endian, with the seed that Kafka's clients use.
   * The buffer's position is left alone.
   */
  public static int murmur2(ByteBuffer key) {
    int length = key.remaining();
    int at = key.position();
    int hash = SEED ^ length;
    for (int end = at + (length & ~3); at < end; at += 4) {
      int k =
          (key.get(at) & 0xff)
              | (key.get(at + 1) & 0xff) << 8
              | (key.get(at + 2) & 0xff) << 16
              | key.get(at + 3) << 24;
      k *= M;
      k ^= k >>> R;
      k *= M;
      hash *= M;
      hash ^= k;
    }
    int tail = length & 3;
    if (tail >= 3) {
      hash ^= (key.get(at + 2) & 0xff) << 16;
    }
    if (tail >= 2) {
      hash ^= (key.get(at + 1) & 0xff) << 8;
    }
    if (tail >= 1) {
      hash ^= key.get(at) & 0xff;
      hash *= M;
    }
    hash ^= hash >>> 13;
    hash *= M;
    hash ^= hash >>> 15;
    return hash;
  }
}
