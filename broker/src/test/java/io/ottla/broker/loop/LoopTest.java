package io.ottla.broker.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LoopTest {
  @Test
  void goesOnWhateverATurnThrows() {
    AtomicInteger turns = new AtomicInteger();
    Loop loop =
        Loop.on(
            Thread.ofVirtual(),
            "test",
            () -> {
              switch (turns.incrementAndGet()) {
                case 1 -> throw new IllegalStateException("thrown by the test");
                case 2 -> throw new LinkageError("thrown by the test");
                case 3 -> throw new InterruptedException("thrown by the test");
                default -> {}
              }
              return turns.get() < 6;
            });

    loop.start();

    await().until(() -> turns.get() == 6);
    await().until(() -> !loop.isAlive());
    assertThat(turns).hasValue(6);
  }

  @Test
  void aTaskIsRunAgainAfterAnError() {
    AtomicInteger runs = new AtomicInteger();
    RecurringTask task =
        new RecurringTask(
            "test",
            Duration.ofMillis(1),
            () -> {
              if (runs.incrementAndGet() == 1) {
                throw new LinkageError("thrown by the test");
              }
            });

    task.start(Thread.ofVirtual());

    await().until(() -> runs.get() > 2);
    task.close();
    assertThat(task.isClosed()).isTrue();
  }
}
