package io.ottla.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.disk.SystemDisk;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.util.AwaitToRun;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class DivisionCloseTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  private final ReentrantLock journal = new ReentrantLock();
  private final AtomicInteger evictions = new AtomicInteger();
  private final AwaitToRun eviction = new AwaitToRun("eviction", this::evict).start();
  private final JournalledState state = new JournalledState(new SystemDisk()) {};

  private void evict() {
    journal.lock();
    try {
      evictions.incrementAndGet();
    } finally {
      journal.unlock();
    }
  }

  /** As Ratis closes a journal whose cache is about to be evicted. */
  private void close() {
    journal.lock();
    try {
      eviction.signal();
      Awaitility.await().until(journal::hasQueuedThreads);
      eviction.close();
    } finally {
      journal.unlock();
    }
  }

  private RaftServer.Division division() {
    return (RaftServer.Division)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {RaftServer.Division.class},
            (_, method, _) ->
                switch (method.getName()) {
                  case "close" -> {
                    close();
                    yield null;
                  }
                  case "getStateMachine" -> state;
                  case "getRaftLog" ->
                      Proxy.newProxyInstance(
                          getClass().getClassLoader(),
                          new Class<?>[] {RaftLog.class},
                          (_, asked, _) -> asked.getName().equals("isOpened") ? true : null);
                  default -> "division";
                });
  }

  private static boolean isDone(DivisionClose closing) {
    closing.help();
    return closing.isDone();
  }

  @Test
  void aCloseThatWaitsForTheThreadThatWaitsForItComesToItsEnd() {
    DivisionClose closing = DivisionClose.start(division());

    Awaitility.await().atMost(SOON).until(() -> isDone(closing));

    assertThat(journal.isLocked()).isFalse();
    Awaitility.await().atMost(SOON).until(() -> evictions.get() == 1);
  }

  @Test
  void itIsDoneOnlyWhenTheJournalsThreadHasEnded() throws Exception {
    CountDownLatch writing = new CountDownLatch(1);
    Thread writer =
        Thread.ofPlatform()
            .start(
                () -> {
                  var _ = state.flush(1);
                  try {
                    writing.await();
                  } catch (InterruptedException e) {
                    throw new AssertionError(e);
                  }
                });
    Awaitility.await().until(() -> !state.isWriterGone());
    DivisionClose closing = DivisionClose.start(division(), Duration.ofHours(1).toNanos());
    Awaitility.await()
        .atMost(SOON)
        .until(
            () -> {
              closing.help();
              return !journal.isLocked() && evictions.get() == 1;
            });

    assertThat(isDone(closing)).isFalse();

    writing.countDown();
    writer.join();
    assertThat(isDone(closing)).isTrue();
  }
}
