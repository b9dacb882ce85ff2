package io.ottla.broker.produce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ottla.broker.produce.AppendOutcome.Appended;
import io.ottla.broker.produce.AppendOutcome.NotAppended;
import io.ottla.broker.produce.AppendOutcome.Reason;
import io.ottla.broker.produce.AppendOutcome.Unknown;
import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.broker.store.DataCommand;
import io.ottla.log.Compression;
import io.ottla.replication.ReplicationGroup;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever fails in a round, its shares are answered, and the next round is made. */
@Timeout(60)
class FailingRoundsTest {
  private static final UUID TOPIC = new UUID(7, 7);
  private static final long SOON = TimeUnit.SECONDS.toNanos(30);

  private final ScriptedGroup scripted = new ScriptedGroup();
  private final AtomicBoolean throwing = new AtomicBoolean();
  private final Accumulator accumulator =
      Accumulator.start(new Throwing(), AccumulatorLimits.production());

  /** The scripted group, whose submissions throw an error when they are told to. */
  private final class Throwing implements ReplicationGroup {
    @Override
    public int number() {
      return scripted.number();
    }

    @Override
    public Optional<Leadership> leadership() {
      return scripted.leadership();
    }

    @Override
    public CompletableFuture<Outcome> submit(long term, ByteBuffer payload) {
      if (throwing.getAndSet(false)) {
        var _ = scripted.submit(term, payload); // it may have been appended all the same
        throw new LinkageError("thrown by the test");
      }
      return scripted.submit(term, payload);
    }

    @Override
    public void onLeadershipChange(Runnable listener) {}
  }

  @AfterEach
  void close() {
    accumulator.close();
  }

  private static Event event() {
    return new Event(0, null, ByteBuffer.wrap(new byte[] {1}), List.of(), Event.NO_TIMESTAMP);
  }

  private static Share share(List<Event> events, long forNanos) {
    return new Share(
        TOPIC,
        0,
        Compression.NONE,
        events,
        1_000,
        new Share.Condition.None(),
        System.nanoTime() + forNanos);
  }

  private void assertGoesOn() {
    PendingAppend next = accumulator.append(share(List.of(event()), SOON));
    scripted.next().succeed();
    assertThat(next.await()).isInstanceOf(Appended.class);
    assertThat(accumulator.isAlive()).isTrue();
    await().until(() -> accumulator.roundAge().isZero());
  }

  @Test
  void anErrorInSubmittingIsAnsweredAsUnknownAndTheNextRoundFollows() {
    throwing.set(true);

    PendingAppend pending = accumulator.append(share(List.of(event()), SOON));

    assertThat(pending.await()).isInstanceOf(Unknown.class);
    scripted.next();
    assertGoesOn();
  }

  @Test
  void anErrorInPackingIsAnsweredAsNotAppendedAndTheNextRoundFollows() {
    AtomicBoolean armed = new AtomicBoolean();
    List<Event> events =
        new AbstractList<>() {
          @Override
          public Event get(int index) {
            if (armed.get()) {
              throw new LinkageError("thrown by the test");
            }
            return event();
          }

          @Override
          public int size() {
            return 1;
          }
        };
    PendingAppend pending = accumulator.prepare(share(events, SOON));
    armed.set(true);

    accumulator.enqueue(List.of(pending));

    assertThat(pending.await()).isEqualTo(new NotAppended(Reason.FAILED, "an internal error"));
    assertThat(scripted.isIdle()).isTrue();
    assertGoesOn();
  }

  @Test
  void anErrorAnswersControlCommandsToo() {
    throwing.set(true);

    ControlOutcome outcome =
        accumulator.submitAndAwait(List.of(new DataCommand.TrimFront(TOPIC, 0, 1)));

    assertThat(outcome).isInstanceOf(ControlOutcome.Unknown.class);
    scripted.next();
    assertGoesOn();
  }

  @Test
  void whatIsWithdrawnWhileItsRoundGathersDoesNotEndTheRounds() throws InterruptedException {
    AtomicBoolean over = new AtomicBoolean();
    Thread answering =
        Thread.ofVirtual()
            .start(
                () -> {
                  while (!over.get()) {
                    try {
                      ScriptedGroup.Submitted next = scripted.nextWithin(1);
                      if (next != null) {
                        next.succeed();
                      }
                    } catch (InterruptedException e) {
                      throw new AssertionError(e);
                    }
                  }
                });
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      callers.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    for (int n = 0; n < 1_000; n++) {
                      accumulator.append(share(List.of(event()), 500_000)).await();
                    }
                  }));
    }
    for (Thread caller : callers) {
      caller.join();
    }
    over.set(true);
    answering.join();

    assertGoesOn();
  }

  @Test
  void aRoundWithoutAnOutcomeIsSeenAndEndsWithTheCluster() {
    PendingAppend pending = accumulator.append(share(List.of(event()), SOON));
    scripted.next();

    await().until(() -> accumulator.roundAge().compareTo(Duration.ofMillis(50)) > 0);
    accumulator.close();

    assertThat(pending.await()).isInstanceOf(Unknown.class);
    await().until(() -> !accumulator.isAlive());
  }

  @Test
  void controlCommandsAreNotWaitedForForEver() {
    DataCommand trim = new DataCommand.TrimFront(TOPIC, 0, 1);
    Duration brief = Duration.ofMillis(1);

    assertThat(new PendingControl(List.of(trim)).await(brief, () -> false))
        .isInstanceOf(ControlOutcome.Unknown.class);
    assertThat(new PendingControl(List.of(trim)).await(brief, () -> true))
        .isInstanceOf(ControlOutcome.NotApplied.class);
  }
}
