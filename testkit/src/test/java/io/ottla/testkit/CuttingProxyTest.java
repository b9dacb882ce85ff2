package io.ottla.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CuttingProxyTest {
  private static final int TIMEOUT_MILLIS = 10_000;

  private ServerSocket server;

  private record At(long requestBytes, long answerBytes, boolean abrupt)
      implements CuttingProxy.Cuts {}

  @BeforeEach
  void listen() throws IOException {
    server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    server.setSoTimeout(TIMEOUT_MILLIS);
  }

  @AfterEach
  void end() throws IOException {
    server.close();
  }

  @Test
  void itPassesBothDirectionsOnAndCounts() throws IOException {
    try (CuttingProxy proxy = proxy(CuttingProxy.Cuts.none());
        Socket client = connect(proxy);
        Socket accepted = server.accept()) {
      client.getOutputStream().write(new byte[] {1, 2, 3});
      client.shutdownOutput();
      byte[] request = accepted.getInputStream().readAllBytes();
      accepted.getOutputStream().write(new byte[] {4, 5});
      accepted.shutdownOutput();

      assertThat(request).containsExactly(1, 2, 3);
      assertThat(client.getInputStream().readAllBytes()).containsExactly(4, 5);
      assertThat(proxy.requestBytes()).isEqualTo(3);
      assertThat(proxy.answerBytes()).isEqualTo(2);
      assertThat(proxy.connections()).isEqualTo(1);
      assertThat(proxy.requestCuts() + proxy.answerCuts()).isZero();
    }
  }

  @Test
  void answersAreCountedWhateverPiecesTheyComeIn() throws IOException {
    byte[] bytes = "HTTP/1.1 201 Created\r\n\r\nHHTTP/1.1 503\r\n".getBytes(US_ASCII);
    try (CuttingProxy proxy = proxy(CuttingProxy.Cuts.none());
        Socket client = connect(proxy);
        Socket accepted = server.accept()) {
      for (byte one : bytes) {
        accepted.getOutputStream().write(one);
        assertThat(client.getInputStream().read()).isEqualTo(one);
      }
      accepted.shutdownOutput();

      assertThat(client.getInputStream().read()).isNegative();
      assertThat(proxy.answers()).isEqualTo(2);
    }
  }

  @Test
  void aRequestIsCutAtExactlyThatByte() throws IOException {
    try (CuttingProxy proxy = proxy(new At(2, CuttingProxy.Cuts.NEVER, false));
        Socket client = connect(proxy);
        Socket accepted = server.accept()) {
      accepted.setSoTimeout(TIMEOUT_MILLIS);
      client.getOutputStream().write(new byte[] {1, 2, 3});

      assertThat(accepted.getInputStream().readAllBytes()).containsExactly(1, 2);
      assertThat(proxy.requestCuts()).isEqualTo(1);
    }
  }

  @Test
  void anAnswerIsCutAbruptly() throws IOException {
    try (CuttingProxy proxy = proxy(new At(CuttingProxy.Cuts.NEVER, 0, true));
        Socket client = connect(proxy);
        Socket accepted = server.accept()) {
      assertThat(accepted.isConnected()).isTrue();

      assertThatThrownBy(
              () -> {
                while (client.getInputStream().read() >= 0) {}
                throw new AssertionError("it ended instead");
              })
          .isInstanceOf(SocketException.class);
      assertThat(proxy.answerCuts()).isEqualTo(1);
    }
  }

  @Test
  void withoutAServerTheClientsConnectionEnds() throws Exception {
    server.close();
    try (CuttingProxy proxy = proxy(CuttingProxy.Cuts.none());
        Socket client = connect(proxy)) {
      CompletableFuture<Integer> read =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return client.getInputStream().read();
                } catch (IOException e) {
                  return -1;
                }
              });

      assertThat(read.get()).isEqualTo(-1);
    }
  }

  private CuttingProxy proxy(CuttingProxy.Cuts cuts) throws IOException {
    return CuttingProxy.open(URI.create("http://127.0.0.1:" + server.getLocalPort()), cuts);
  }

  private static Socket connect(CuttingProxy proxy) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.url().getPort());
    socket.setSoTimeout(TIMEOUT_MILLIS);
    return socket;
  }
}
