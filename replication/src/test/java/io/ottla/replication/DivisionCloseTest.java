package io.ottla.replication;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.util.AwaitToRun;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class DivisionCloseTest {
  private final ReentrantLock journal = new ReentrantLock();
  private final AwaitToRun eviction = new AwaitToRun("eviction", this::evict).start();

  private void evict() {
    journal.lock();
    try {
      LockSupport.parkNanos(1);
    } finally {
      journal.unlock();
    }
  }

  /** As Ratis closes a journal whose cache is about to be evicted. */
  private void close() {
    journal.lock();
    try {
      eviction.signal();
      while (!journal.hasQueuedThreads()) {
        LockSupport.parkNanos(1_000_000);
      }
      eviction.close();
    } finally {
      journal.unlock();
    }
  }

  @Test
  void aCloseThatWaitsForTheThreadThatWaitsForItComesToItsEnd() {
    RaftServer.Division division =
        (RaftServer.Division)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {RaftServer.Division.class},
                (_, method, _) -> {
                  switch (method.getName()) {
                    case "close" -> close();
                    case "toString" -> {
                      return "division";
                    }
                    default -> {}
                  }
                  return null;
                });

    DivisionClose closing = DivisionClose.start(division);

    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              closing.help();
              return closing.isDone();
            });
  }
}
