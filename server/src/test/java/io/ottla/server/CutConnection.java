package io.ottla.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A client that goes away in the middle of an answer. */
final class CutConnection {
  private static final int TIMEOUT_MILLIS = 20_000;

  private CutConnection() {}

  /**
   * Sends a GET, reads up to so many bytes of the answer, head included, and closes; what was read.
   *
   * @param abruptly whether to reset the connection, so that the server cannot write on
   */
  static byte[] get(
      URI server, String path, Map<String, String> headers, int limitBytes, boolean abruptly)
      throws IOException {
    StringBuilder request =
        new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: " + server.getAuthority() + "\r\n");
    headers.forEach((name, value) -> request.append(name + ": " + value + "\r\n"));
    request.append("Connection: close\r\n\r\n");
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      if (abruptly) {
        socket.setSoLinger(true, 0);
      }
      socket.connect(new InetSocketAddress(server.getHost(), server.getPort()), TIMEOUT_MILLIS);
      socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.US_ASCII));
      return socket.getInputStream().readNBytes(limitBytes);
    }
  }
}
