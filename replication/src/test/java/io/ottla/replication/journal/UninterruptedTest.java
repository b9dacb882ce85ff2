package io.ottla.replication.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class UninterruptedTest {
  @Test
  void anInterruptedThreadWaitsToTheEndAndIsInterruptedThen() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    AtomicBoolean ended = new AtomicBoolean();
    AtomicBoolean interrupted = new AtomicBoolean();
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  Uninterrupted.await(end::await);
                  ended.set(end.getCount() == 0);
                  interrupted.set(Thread.currentThread().isInterrupted());
                });
    Awaitility.await().until(() -> thread.getState() == Thread.State.WAITING);

    thread.interrupt();
    Awaitility.await().until(() -> !thread.isInterrupted());
    end.countDown();
    thread.join();

    assertThat(ended).isTrue();
    assertThat(interrupted).isTrue();
  }
}
