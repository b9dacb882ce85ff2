package io.ottla.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ottla.broker.PartitionWaiters.PartitionId;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PartitionWaitersTest {
  private static final long LONG_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final PartitionWaiters waiters = new PartitionWaiters();
  private final UUID topic = UUID.randomUUID();

  @Test
  void anAppendBetweenLookingAndWaitingIsNotMissed() throws InterruptedException {
    try (var waiter = waiters.register(List.of(new PartitionId(topic, 0)))) {
      waiters.wake(topic, 0);

      assertThat(waiter.await(LONG_NANOS)).isTrue();
    }
  }

  @Test
  void anotherPartitionsAppendWakesNobody() throws InterruptedException {
    try (var waiter = waiters.register(List.of(new PartitionId(topic, 0)))) {
      waiters.wake(topic, 1);
      waiters.wake(UUID.randomUUID(), 0);

      assertThat(waiter.await(0)).isFalse();
    }
  }

  @Test
  void aWaiterOfSeveralPartitionsIsWokenByEach() throws InterruptedException {
    try (var waiter =
        waiters.register(List.of(new PartitionId(topic, 0), new PartitionId(topic, 1)))) {
      waiters.wake(topic, 1);
      assertThat(waiter.await(LONG_NANOS)).isTrue();

      waiters.wake(topic, 0);
      assertThat(waiter.await(LONG_NANOS)).isTrue();
      assertThat(waiter.await(0)).isFalse();
    }
  }

  @Test
  void aWaitingThreadIsWokenByAChangeOfLeadership() throws InterruptedException {
    try (var waiter = waiters.register(List.of(new PartitionId(topic, 0)))) {
      Thread waker = Thread.ofVirtual().start(waiters::wakeAll);

      assertThat(waiter.await(LONG_NANOS)).isTrue();
      waker.join();
    }
  }

  @Test
  void everyWaitEndsWhenTheProcessStops() throws InterruptedException {
    try (var waiter = waiters.register(List.of(new PartitionId(topic, 0)))) {
      Thread stopper = Thread.ofVirtual().start(waiters::end);

      assertThatThrownBy(() -> waiter.await(LONG_NANOS)).isInstanceOf(InterruptedException.class);
      assertThatThrownBy(() -> waiter.await(LONG_NANOS)).isInstanceOf(InterruptedException.class);
      stopper.join();
    }
  }

  @Test
  void aClosedWaiterIsForgotten() throws InterruptedException {
    var waiter = waiters.register(List.of(new PartitionId(topic, 0)));
    waiter.close();

    waiters.wake(topic, 0);

    assertThat(waiter.await(0)).isFalse();
  }
}
