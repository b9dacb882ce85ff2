package io.ottla.server;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/**
 * Finds out whether a port can be listened on before anything is opened: brokers are described with
 * it, and a server that cannot be reached should not touch its data.
 */
final class ListeningPort {
  private ListeningPort() {}

  /** The port wanted, or any free one for 0. */
  static int choose(String host, int wanted) throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(host), wanted));
      return socket.getLocalPort();
    } catch (BindException e) {
      throw new IOException(
          "port "
              + wanted
              + " of "
              + host
              + " cannot be listened on ("
              + e.getMessage()
              + "); stop what uses it, or choose another with --port",
          e);
    }
  }
}
