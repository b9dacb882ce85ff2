package io.ottla.broker.produce;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.broker.PartitionWaiters.PartitionId;
import io.ottla.broker.produce.AppendOutcome.Appended;
import io.ottla.broker.produce.AppendOutcome.NotAppended;
import io.ottla.broker.produce.AppendOutcome.Reason;
import io.ottla.broker.produce.AppendOutcome.Unknown;
import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.broker.store.DataCommand;
import io.ottla.broker.store.DataResult;
import io.ottla.log.Compression;
import io.ottla.replication.ReplicationGroup.Leadership;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AccumulatorTest {
  private static final UUID TOPIC = new UUID(7, 7);
  private static final long SOON = TimeUnit.SECONDS.toNanos(30);
  private static final AccumulatorLimits LIMITS =
      new AccumulatorLimits(
          64 * 1024, 128 * 1024, 256 * 1024, Duration.ofMillis(3), Duration.ofMillis(50));

  private final ScriptedGroup group = new ScriptedGroup();
  private final Accumulator accumulator = Accumulator.start(group, LIMITS);

  @AfterEach
  void close() {
    accumulator.close();
  }

  @Test
  void aLoneShareGoesAtOnce() {
    PendingAppend pending = accumulator.append(share(0, "a", "b"));

    group.next().succeed();

    assertThat(pending.await()).isEqualTo(new Appended(0));
    assertThat(group.values.get(new PartitionId(TOPIC, 0))).containsExactly("a", "b");
  }

  @Test
  void whatComesWhileARoundIsInFlightGoesTogether() {
    PendingAppend first = accumulator.append(share(0, "first"));
    ScriptedGroup.Submitted inFlight = group.next();
    PendingAppend second = accumulator.append(share(0, "second"));
    PendingAppend third = accumulator.append(share(1, "third"));
    PendingAppend fourth = accumulator.append(share(0, "fourth"));

    assertThat(group.isIdle()).isTrue();
    inFlight.succeed();
    ScriptedGroup.Submitted next = group.next();
    assertThat(next.commands()).as("one batch per partition").hasSize(2);
    next.succeed();

    assertThat(first.await()).isEqualTo(new Appended(0));
    assertThat(second.await()).isEqualTo(new Appended(1));
    assertThat(third.await()).isEqualTo(new Appended(0));
    assertThat(fourth.await()).isEqualTo(new Appended(2));
  }

  @Test
  void aLargeShareKeepsItsOwnBatch() {
    accumulator.append(share(0, "in the way"));
    ScriptedGroup.Submitted inFlight = group.next();
    PendingAppend small = accumulator.append(share(0, "small"));
    PendingAppend large = accumulator.append(share(0, "x".repeat(5000)));
    inFlight.succeed();
    ScriptedGroup.Submitted next = group.next();

    assertThat(next.commands()).hasSize(2);
    next.succeed();

    assertThat(small.await()).isEqualTo(new Appended(1));
    assertThat(large.await()).isEqualTo(new Appended(2));
  }

  @Test
  void aRoundIsFullAtItsBound() {
    accumulator.append(share(0, "in the way"));
    ScriptedGroup.Submitted inFlight = group.next();
    for (int i = 0; i < 8; i++) {
      accumulator.append(incompressible(0, 20_000));
    }
    inFlight.succeed();

    ScriptedGroup.Submitted next = group.next();

    assertThat(next.payload.remaining()).isBetween(60_000, 64 * 1024);
    next.succeed();
  }

  @Test
  void aRoundOfWhichANewerLeaderKnowsNothingIsGivenUp() {
    PendingAppend first = accumulator.append(share(0, "first"));
    ScriptedGroup.Submitted lost = group.next();

    group.lead(null);
    group.lead(new Leadership(2, 2));

    assertThat(first.await()).isInstanceOf(Unknown.class);
    PendingAppend second = accumulator.append(share(0, "second"));
    ScriptedGroup.Submitted next = group.next();
    assertThat(next.term).isEqualTo(2);
    next.succeed();
    assertThat(second.await()).isInstanceOf(Appended.class);
    lost.loseTrack(false);
  }

  @Test
  void aShareThatFitsNoEntryIsRefusedAlone() {
    PendingAppend tooLarge = accumulator.append(incompressible(0, 129 * 1024));
    PendingAppend compressible = accumulator.append(share(0, "y".repeat(200_000)));
    group.next().succeed();

    assertThat(reasonOf(tooLarge)).isEqualTo(Reason.TOO_LARGE);
    assertThat(compressible.await()).isEqualTo(new Appended(0));
  }

  @Test
  void beyondTheBoundSharesAreRefusedAndNothingIsAppended() {
    accumulator.append(share(0, "in the way"));
    ScriptedGroup.Submitted inFlight = group.next();
    List<PendingAppend> queued = new ArrayList<>();
    PendingAppend newest = accumulator.append(incompressible(0, 20_000));
    while (!newest.isSettled()) {
      queued.add(newest);
      newest = accumulator.append(incompressible(0, 20_000));
    }

    assertThat(reasonOf(newest)).isEqualTo(Reason.OVERLOADED);
    assertThat(queued).hasSize(256 * 1024 / 20_300);
    inFlight.succeed();
    int appended = 0;
    while (appended < queued.size()) {
      ScriptedGroup.Submitted next = group.next();
      appended += next.commands().size();
      next.succeed();
    }
    assertThat(group.values.get(new PartitionId(TOPIC, 0))).hasSize(1 + queued.size());
    accumulator.append(incompressible(0, 20_000));
    group.next().succeed();
  }

  @Test
  void aQueuedShareIsWithdrawnAtItsDeadlineAndOneInFlightIsUnknown() {
    PendingAppend sent = accumulator.append(share(0, 0, "sent"));
    ScriptedGroup.Submitted inFlight = group.next();
    PendingAppend withdrawn = accumulator.append(share(0, 0, "withdrawn"));

    assertThat(sent.await()).isInstanceOf(Unknown.class);
    assertThat(reasonOf(withdrawn)).isEqualTo(Reason.TIMED_OUT);
    inFlight.succeed();
    accumulator.append(share(0, "later"));
    group.next().succeed();
    assertThat(group.values.get(new PartitionId(TOPIC, 0))).containsExactly("sent", "later");
  }

  @Test
  void anInterruptEndsTheWaitWithTheTruth() {
    accumulator.append(share(0, "in the way"));
    ScriptedGroup.Submitted inFlight = group.next();
    PendingAppend queued = accumulator.append(share(0, "queued"));

    Thread.currentThread().interrupt();

    assertThat(reasonOf(queued)).isEqualTo(Reason.TIMED_OUT);
    assertThat(Thread.interrupted()).isTrue();
    inFlight.succeed();
  }

  @Test
  void withoutALeaderNothingIsSentAndTheSameShareMayBeSentLater() {
    group.lead(null);
    PendingAppend pending = accumulator.append(share(0, "patient"));
    assertThat(reasonOf(pending)).isEqualTo(Reason.NO_LEADER);

    group.lead(new Leadership(2, 5));
    accumulator.enqueue(List.of(pending));
    ScriptedGroup.Submitted entry = group.next();
    entry.succeed();

    assertThat(entry.term).isEqualTo(5);
    assertThat(pending.await()).isEqualTo(new Appended(0));
  }

  @Test
  void aShareIsRefusedUnderAnotherTermThanItRequires() {
    group.lead(new Leadership(2, 5));
    PendingAppend old = accumulator.append(share(0, new Share.Condition.Term(4), SOON, "old"));
    PendingAppend current =
        accumulator.append(share(0, new Share.Condition.Term(5), SOON, "current"));
    group.next().succeed();

    assertThat(reasonOf(old)).isEqualTo(Reason.TERM_CHANGED);
    assertThat(current.await()).isEqualTo(new Appended(0));
  }

  @Test
  void aMissingPartitionFailsItsOwnSharesOnly() {
    accumulator.append(share(0, "in the way"));
    ScriptedGroup.Submitted inFlight = group.next();
    group.missing.add(7);
    PendingAppend missing = accumulator.append(share(7, "missing"));
    PendingAppend there = accumulator.append(share(1, "there"));
    inFlight.succeed();
    group.next().succeed();

    assertThat(reasonOf(missing)).isEqualTo(Reason.NO_SUCH_PARTITION);
    assertThat(there.await()).isEqualTo(new Appended(0));
  }

  @Test
  void controlCommandsAreAnsweredTogether() {
    accumulator.append(share(0, "in the way"));
    ScriptedGroup.Submitted inFlight = group.next();
    PendingAppend share = accumulator.append(share(0, "beside"));
    var outcome =
        accumulator.submit(
            List.of(
                new DataCommand.DropPartition(TOPIC, 4), new DataCommand.TrimFront(TOPIC, 5, 1)));
    inFlight.succeed();
    group.next().succeed();

    assertThat(outcome.join())
        .isEqualTo(
            new ControlOutcome.Applied(List.of(new DataResult.Done(), new DataResult.Done())));
    assertThat(share.await()).isEqualTo(new Appended(1));
  }

  @Test
  void closingRefusesWhatIsQueuedAndAnswersWhatIsInFlight() {
    PendingAppend sent = accumulator.append(share(0, "sent"));
    ScriptedGroup.Submitted inFlight = group.next();
    PendingAppend queued = accumulator.append(share(0, "queued"));

    accumulator.close();
    PendingAppend late = accumulator.append(share(0, "late"));
    inFlight.succeed();

    assertThat(sent.await()).isEqualTo(new Appended(0));
    assertThat(reasonOf(queued)).isEqualTo(Reason.CLOSED);
    assertThat(reasonOf(late)).isEqualTo(Reason.CLOSED);
    assertThat(group.values.get(new PartitionId(TOPIC, 0))).containsExactly("sent");
  }

  /** Many callers against random outcomes: each learns the truth, and one round is in flight. */
  @Test
  void everyCallerLearnsTheTruthUnderRandomOutcomes() throws InterruptedException {
    long seed = System.nanoTime();
    List<Caller> callers = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      callers.add(new Caller("c" + i, new Random(seed + i)));
    }
    List<Thread> threads = new ArrayList<>();
    for (Caller caller : callers) {
      threads.add(Thread.ofVirtual().start(caller));
    }
    int rounds = 0;
    Random random = new Random(seed);
    while (threads.stream().anyMatch(Thread::isAlive)) {
      ScriptedGroup.Submitted next = group.nextWithin(20);
      if (next == null) {
        continue;
      }
      rounds++;
      assertThat(group.inFlight.get()).as("seed %d", seed).isEqualTo(1);
      switch (random.nextInt(6)) {
        case 0 -> next.refuse();
        case 1 -> next.loseTrack(random.nextBoolean());
        default -> next.succeed();
      }
    }

    for (Caller caller : callers) {
      caller.check(seed);
    }
    assertThat(rounds).as("rounds are shared; seed %d", seed).isLessThan(64 * Caller.SHARES / 2);
  }

  /** One caller: a share after the other; remembers what it was told. */
  private final class Caller implements Runnable {
    static final int SHARES = 60;

    private record Told(int partition, List<String> values, AppendOutcome outcome) {}

    private final String name;
    private final Random random;
    private final List<Told> told = new ArrayList<>();

    Caller(String name, Random random) {
      this.name = name;
      this.random = random;
    }

    @Override
    public void run() {
      for (int i = 0; i < SHARES; i++) {
        String[] values = new String[1 + random.nextInt(4)];
        for (int v = 0; v < values.length; v++) {
          values[v] = name + "-" + i + "-" + v;
          if (random.nextInt(20) == 0) {
            values[v] += "z".repeat(6000);
          }
        }
        int partition = random.nextInt(3);
        AppendOutcome outcome = accumulator.append(share(partition, values)).await();
        told.add(new Told(partition, List.of(values), outcome));
      }
    }

    void check(long seed) {
      long[] last = {-1, -1, -1};
      for (Told one : told) {
        List<String> log = group.values.get(new PartitionId(TOPIC, one.partition()));
        switch (one.outcome()) {
          case Appended(long baseOffset) -> {
            int from = (int) baseOffset;
            assertThat(log.subList(from, from + one.values().size()))
                .as("seed %d", seed)
                .isEqualTo(one.values());
            assertThat(baseOffset).as("seed %d", seed).isGreaterThan(last[one.partition()]);
            last[one.partition()] = baseOffset;
          }
          case NotAppended notAppended ->
              assertThat(log).as("seed %d", seed).doesNotContainAnyElementsOf(one.values());
          case AppendOutcome.Known known -> throw new AssertionError("nothing was claimed");
          case Unknown unknown -> {}
        }
      }
    }
  }

  private static Reason reasonOf(PendingAppend pending) {
    assertThat(pending.await()).isInstanceOf(NotAppended.class);
    return ((NotAppended) pending.await()).reason();
  }

  private static Share share(int partition, String... values) {
    return share(partition, new Share.Condition.None(), SOON, values);
  }

  private static Share share(int partition, long nanosLeft, String... values) {
    return share(partition, new Share.Condition.None(), nanosLeft, values);
  }

  private static Share share(
      int partition, Share.Condition condition, long nanosLeft, String... values) {
    List<Event> events = new ArrayList<>();
    for (String value : values) {
      events.add(event(value.getBytes(StandardCharsets.UTF_8)));
    }
    return new Share(
        TOPIC, partition, Compression.LZ4, events, 1, condition, System.nanoTime() + nanosLeft);
  }

  private static Share incompressible(int partition, int sizeBytes) {
    byte[] value = new byte[sizeBytes];
    new Random(sizeBytes).nextBytes(value);
    for (int i = 0; i < value.length; i++) {
      value[i] &= 0x7f;
    }
    return new Share(
        TOPIC,
        partition,
        Compression.NONE,
        List.of(event(value)),
        1,
        new Share.Condition.None(),
        System.nanoTime() + SOON);
  }

  private static Event event(byte[] value) {
    return new Event(null, null, ByteBuffer.wrap(value), List.of(), Event.NO_TIMESTAMP);
  }
}
