package io.ottla.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.http.HttpPrologue;
import io.helidon.http.Method;
import io.helidon.webserver.ConnectionContext;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class SlowClientsTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final AtomicLong nanoTime = new AtomicLong(1);
  private final SlowClients clients =
      new SlowClients(
          new SlowClients.Limits(LIMIT, Duration.ofSeconds(30), Duration.ofMinutes(5), 1 << 20),
          nanoTime::get,
          Duration.ofMillis(1));

  /** A connection whose writes wait for a latch. */
  private static final class Connection {
    private final CountDownLatch takes = new CountDownLatch(1);
    private final AtomicInteger writes = new AtomicInteger();
    private final AtomicInteger closes = new AtomicInteger();

    private ConnectionContext context() {
      DataWriter writer =
          fake(
              DataWriter.class,
              () -> {
                writes.incrementAndGet();
                takes.await();
                return null;
              });
      HelidonSocket socket = fake(HelidonSocket.class, closes::incrementAndGet);
      return (ConnectionContext)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {ConnectionContext.class},
              (_, method, _) ->
                  switch (method.getName()) {
                    case "dataWriter" -> writer;
                    case "serverSocket" -> socket;
                    default -> throw new IllegalStateException(method.getName());
                  });
    }

    private interface Call {
      Object call() throws InterruptedException;
    }

    private static <T> T fake(Class<T> type, Call call) {
      return type.cast(
          Proxy.newProxyInstance(
              type.getClassLoader(),
              new Class<?>[] {type},
              (_, method, _) -> {
                Object result = call.call();
                return method.getReturnType() == void.class ? null : result;
              }));
    }
  }

  @AfterEach
  void close() {
    clients.close();
  }

  private void arrive(Connection connection) {
    HttpPrologue prologue =
        HttpPrologue.create("HTTP/1.1", "HTTP", "1.1", Method.POST, "/events", false);
    clients.prologue(connection.context(), prologue);
  }

  @Test
  void aRequestThatWasGivenUpIsNotItsThreadsAnyMore() throws Exception {
    Connection connection = new Connection();
    arrive(connection);
    SlowClients.Client client = clients.sender();
    nanoTime.addAndGet(LIMIT.toNanos() + 1);
    await().until(() -> connection.writes.get() == 1);
    Thread thread = Thread.currentThread();

    FutureTask<Boolean> arrived = new FutureTask<>(() -> clients.arrived(client));
    Thread.ofVirtual().start(arrived);

    // Its 408 is on its way: the connection must stay until that is written.
    assertThat(arrived.isDone()).isFalse();
    connection.takes.countDown();
    assertThat(arrived.get()).isFalse();
    assertThat(connection.closes).hasValue(1);
    assertThat(thread.isInterrupted()).isFalse();
    await().until(() -> clients.sender() == null);
  }

  @Test
  void aClientThatTakesNoAnswerDoesNotKeepOthersFromTheirs() {
    Connection stubborn = new Connection();
    arrive(stubborn);
    nanoTime.addAndGet(LIMIT.toNanos() + 1);
    await().until(() -> stubborn.writes.get() == 1);
    Connection other = new Connection();
    arrive(other);

    nanoTime.addAndGet(LIMIT.toNanos() + 1);

    await().until(() -> other.writes.get() == 1);
    await().until(() -> stubborn.closes.get() > 0);
    other.takes.countDown();
    stubborn.takes.countDown();
  }

  @Test
  void aRequestThatHasArrivedIsNotGivenUp() {
    Connection connection = new Connection();
    arrive(connection);
    SlowClients.Client client = clients.sender();
    assertThat(clients.arrived(client)).isTrue();
    Connection other = new Connection();
    arrive(other);

    nanoTime.addAndGet(2 * LIMIT.toNanos());

    await().until(() -> other.writes.get() == 1);
    assertThat(connection.writes).hasValue(0);
    assertThat(clients.arrived(client)).isTrue();
    other.takes.countDown();
  }
}
