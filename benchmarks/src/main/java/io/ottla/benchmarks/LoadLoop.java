package io.ottla.benchmarks;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Drives all of a scenario's connections from one thread: a selector costs the machine, which the
 * server shares, the least. Every connection sends its next request when the last one is answered,
 * so a slower server gets fewer requests, not a queue of them.
 */
final class LoadLoop {
  private static final int READ_BUFFER_BYTES = 65_536;

  private final InetSocketAddress address;
  private final RequestRing requests;
  private final Scenario scenario;

  LoadLoop(InetSocketAddress address, RequestRing requests, Scenario scenario) {
    this.address = address;
    this.requests = requests;
    this.scenario = scenario;
  }

  /** Runs for warm-up and measured time, then waits for the answers still due. */
  LoadResult run(Duration warmUp, Duration measured) throws IOException {
    List<LoadConnection> connections = new ArrayList<>();
    try (Selector selector = Selector.open()) {
      for (int i = 0; i < scenario.connections(); i++) {
        connections.add(LoadConnection.open(address, selector));
      }
      long startNanos = System.nanoTime();
      LoadResult result =
          new LoadResult(startNanos + warmUp.toNanos(), measured, scenario.eventsPerRequest());
      for (LoadConnection connection : connections) {
        connection.send(requests.next());
      }
      drive(selector, result);
      return result;
    } finally {
      for (LoadConnection connection : connections) {
        connection.close();
      }
    }
  }

  private void drive(Selector selector, LoadResult result) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BUFFER_BYTES);
    int inFlight = scenario.connections();
    while (inFlight > 0) {
      if (selector.select(LoadResult.PATIENCE.toMillis()) == 0) {
        throw new IOException("no answer within " + LoadResult.PATIENCE);
      }
      for (SelectionKey key : selector.selectedKeys()) {
        LoadConnection connection = (LoadConnection) key.attachment();
        if (key.isWritable()) {
          connection.write();
        }
        if (!key.isReadable() || !connection.read(buffer)) {
          continue;
        }
        long nowNanos = System.nanoTime();
        result.answered(connection.status(), connection.sentNanos(), nowNanos);
        if (result.isOver(nowNanos)) {
          inFlight--;
        } else {
          connection.send(requests.next());
        }
      }
      selector.selectedKeys().clear();
    }
  }
}
