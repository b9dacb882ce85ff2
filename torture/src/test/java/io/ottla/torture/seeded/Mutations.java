package io.ottla.torture.seeded;

import io.ottla.broker.consume.PollResult;
import io.ottla.broker.produce.AppendOutcome;
import io.ottla.broker.store.DataResult;
import io.ottla.groups.Cursor;
import io.ottla.groups.GroupRequest;
import io.ottla.groups.GroupTable;
import io.ottla.groups.TopicPartition;
import io.ottla.log.PartitionLog;
import io.ottla.log.StoredRecord;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongUnaryOperator;

/**
 * What the bugs do; called from the product's classes. What replicas must agree on is no chance.
 */
public final class Mutations {
  static final String FIRED = "seeded bug fired";

  private static final long TEN_YEARS_MS = 315_360_000_000L;

  private static final int CRC_POSITION = 17;
  private static final AtomicBoolean SAID = new AtomicBoolean();
  private static final ThreadLocal<Boolean> INSIDE = ThreadLocal.withInitial(() -> false);

  private Mutations() {}

  /** Says once that the bug has done something. */
  public static void fired() {
    if (SAID.compareAndSet(false, true)) {
      System.out.println(FIRED);
    }
  }

  /** Whether this batch of a user's topic is one of the chosen ones: the same on all replicas. */
  public static boolean hits(ByteBuffer batch, Path directory, int oneIn) {
    boolean hit =
        !directory.toString().contains("__consumer_offsets")
            && Math.floorMod(batch.getInt(batch.position() + CRC_POSITION), oneIn) == 0;
    if (hit) {
      fired();
    }
    return hit;
  }

  /** One time of so many. */
  public static boolean chance(int oneIn) {
    return ThreadLocalRandom.current().nextInt(oneIn) == 0;
  }

  public static void appendAgain(Object changed, ByteBuffer batch, int epoch, long time)
      throws IOException {
    PartitionLog log = (PartitionLog) changed;
    if (!INSIDE.get() && hits(batch, log.directory(), 5)) {
      INSIDE.set(true);
      try {
        log.append(batch, epoch, time);
      } finally {
        INSIDE.set(false);
      }
    }
  }

  /** Flips a bit of a letter in a run of equal letters: that is an event's filling. */
  public static void flip(ByteBuffer batch) {
    for (int i = batch.limit() - 1; i > 70; i--) {
      byte one = batch.get(i);
      if (one >= 'a' && one <= 'p' && batch.get(i - 1) == one && batch.get(i - 2) == one) {
        batch.put(i - 1, (byte) (one ^ 1));
        fired();
        return;
      }
    }
  }

  public static boolean stale(Object changed, long offset) {
    PartitionLog log = (PartitionLog) changed;
    boolean stale =
        !log.directory().toString().contains("__consumer_offsets")
            && offset < log.endOffset()
            && offset > log.endOffset() - 50
            && chance(2);
    if (stale) {
      fired();
    }
    return stale;
  }

  public static List<DataResult> asNotAppended(List<DataResult> results) {
    if (!chance(4) || !(results.getFirst() instanceof DataResult.Appended)) {
      return results;
    }
    fired();
    return results.stream().<DataResult>map(_ -> new DataResult.NoSuchPartition()).toList();
  }

  /** Settles what failed as if it had been appended somewhere. */
  public static boolean settleAsAppended(Object pending) {
    try {
      Method settle = pending.getClass().getDeclaredMethod("settle", AppendOutcome.class);
      settle.setAccessible(true);
      settle.invoke(pending, new AppendOutcome.Appended(3));
      fired();
      return true;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  public static List<GroupTable.KeyValue> withoutCommits(List<GroupTable.KeyValue> records) {
    List<GroupTable.KeyValue> left = new ArrayList<>();
    for (GroupTable.KeyValue record : records) {
      boolean commit =
          record.key() != null
              && StandardCharsets.UTF_8
                  .decode(record.key().duplicate())
                  .toString()
                  .contains("\"offset\"");
      if (commit) {
        fired();
      } else {
        left.add(record);
      }
    }
    return left;
  }

  public static long lowered(long offset) {
    fired();
    return Math.max(0, offset - 3);
  }

  /** Commits although the partition is another's: as if nobody had looked who owns it. */
  public static Optional<?> commitAnyway(
      Optional<?> refusal, Object draft, Cursor cursor, Object topics, long nowMs) {
    if (refusal.isEmpty() || !refusal.get().getClass().getSimpleName().equals("NotAssigned")) {
      return refusal;
    }
    TreeMap<TopicPartition, GroupRequest.Target> targets = new TreeMap<>();
    try {
      Method withId = topics.getClass().getMethod("withId", UUID.class);
      withId.setAccessible(true);
      for (var entry : cursor.places().entrySet()) {
        Optional<?> topic = (Optional<?>) withId.invoke(topics, entry.getKey().topicId());
        Method name = topic.orElseThrow().getClass().getMethod("name");
        name.setAccessible(true);
        String word = name.invoke(topic.get()).toString();
        long next = entry.getValue().nextOffset();
        targets.put(entry.getKey(), new GroupRequest.Target(word, next, ""));
      }
      for (Method method : Class.forName("io.ottla.groups.Commits").getDeclaredMethods()) {
        if (method.getName().equals("raise")) {
          method.setAccessible(true);
          method.invoke(null, draft, targets, nowMs);
        }
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
    fired();
    return Optional.empty();
  }

  /** Everything is ten years older than it is. */
  public static LongUnaryOperator older(LongUnaryOperator ageMs) {
    fired();
    return timeMs -> ageMs.applyAsLong(timeMs) + TEN_YEARS_MS;
  }

  /** Partition 0 is everybody's. */
  public static List<PollResult.TopicPartition> withPartitionZero(
      List<PollResult.TopicPartition> owned) {
    if (owned.isEmpty()) {
      return owned;
    }
    var zero = new PollResult.TopicPartition(owned.getFirst().topic(), 0);
    if (owned.contains(zero)) {
      return owned;
    }
    List<PollResult.TopicPartition> more = new ArrayList<>(owned);
    more.addFirst(zero);
    fired();
    return more;
  }

  public static List<StoredRecord> withoutOne(List<StoredRecord> records) {
    if (records.size() < 3 || records.getFirst().offset() % 3 != 0) {
      return records;
    }
    fired();
    List<StoredRecord> left = new ArrayList<>(records);
    left.remove(1);
    return left;
  }

  public static List<StoredRecord> oneTwice(List<StoredRecord> records) {
    if (records.size() < 3 || records.getFirst().offset() % 3 != 0) {
      return records;
    }
    fired();
    List<StoredRecord> more = new ArrayList<>(records);
    more.add(1, records.getFirst());
    return more;
  }

  public static <T extends Collection<?>> boolean loses(long offset, T what) {
    return !what.isEmpty() && losesOneIn(offset);
  }

  /** The key of an event of ours. */
  public static boolean losesKey(long offset, ByteBuffer key) {
    return key != null
        && key.remaining() > 1
        && key.get(key.position()) == 'k'
        && losesOneIn(offset);
  }

  public static boolean losesOneIn(long offset) {
    boolean lost = offset % 11 == 0;
    if (lost) {
      fired();
    }
    return lost;
  }
}
