package io.ottla.http;

import io.helidon.common.buffers.DataReader;
import io.ottla.http.SlowClients.Client;

/**
 * Tells when a client that is being streamed to closes its connection, which would otherwise be
 * found out by writing to it. Reads from the connection, which must be the last thing that is done
 * with its input; bytes that arrive are left where they are, and end the watch. One virtual thread.
 */
final class ClientWatch {
  private ClientWatch() {}

  /** Calls {@code gone}, on a thread of its own, when the connection ends. */
  static void start(Client client, Runnable gone) {
    Thread.ofVirtual()
        .name("client-watch")
        .start(
            () -> {
              if (ends(client.connection().dataReader())) {
                gone.run();
              }
            });
  }

  private static boolean ends(DataReader reader) {
    try {
      reader.ensureAvailable();
      return false;
    } catch (RuntimeException | Error e) {
      // Helidon has several ways to say that nothing can be read any more.
      // A watch that has failed itself is none: the stream ends, and its client comes back.
      return true;
    }
  }
}
