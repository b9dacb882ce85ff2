package io.ottla.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A TCP proxy on the loopback that counts what passes and cuts connections after so many bytes, so
 * that a client meets every way in which a network can let it down. Thread-safe; two virtual
 * threads per connection.
 */
public final class CuttingProxy implements AutoCloseable {
  private static final int BUFFER_BYTES = 16 * 1024;
  private static final int BACKLOG = 200;

  private final ServerSocket listening;
  private final Cuts cuts;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong connections = new AtomicLong();
  private final Flow requests = new Flow();
  private final Flow answers = new Flow();
  private volatile int targetPort;

  /** Where connections are cut. Called from many threads. */
  public interface Cuts {
    /** Never. */
    long NEVER = Long.MAX_VALUE;

    /** After how many bytes of requests the next connection is cut. */
    long requestBytes();

    /** After how many bytes of answers the next connection is cut. */
    long answerBytes();

    /** Whether a cut is a reset; else the stream just ends. */
    boolean abrupt();

    /** No cuts at all. */
    static Cuts none() {
      return new Cuts() {
        @Override
        public long requestBytes() {
          return NEVER;
        }

        @Override
        public long answerBytes() {
          return NEVER;
        }

        @Override
        public boolean abrupt() {
          return false;
        }
      };
    }
  }

  /** One direction of all connections. */
  private static final class Flow {
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong cuts = new AtomicLong();
    private final AtomicLong heads = new AtomicLong();
  }

  /** Finds the beginnings of answers in a stream, whatever pieces it comes in. */
  private static final class Heads {
    private static final byte[] BEGINNING = "HTTP/1.1 ".getBytes(StandardCharsets.US_ASCII);
    private int matched;

    int count(byte[] bytes, int length) {
      int found = 0;
      for (int i = 0; i < length; i++) {
        // Its first byte comes only once in it, so nothing else can overlap.
        matched = bytes[i] == BEGINNING[matched] ? matched + 1 : bytes[i] == BEGINNING[0] ? 1 : 0;
        if (matched == BEGINNING.length) {
          matched = 0;
          found++;
        }
      }
      return found;
    }
  }

  private CuttingProxy(ServerSocket listening, int targetPort, Cuts cuts) {
    this.listening = listening;
    this.targetPort = targetPort;
    this.cuts = cuts;
  }

  /** A proxy on any free port to the server at {@code target}, on the loopback. */
  public static CuttingProxy open(URI target, Cuts cuts) throws IOException {
    ServerSocket listening = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
    CuttingProxy proxy = new CuttingProxy(listening, target.getPort(), cuts);
    Thread.ofVirtual().name("cutting-proxy").start(proxy::accept);
    return proxy;
  }

  /** Where clients connect. */
  public URI url() {
    return URI.create("http://127.0.0.1:" + listening.getLocalPort());
  }

  /** New connections go there. */
  public void redirect(URI target) {
    targetPort = target.getPort();
  }

  /** How many connections there were. */
  public long connections() {
    return connections.get();
  }

  /** The bytes of all requests, heads included. */
  public long requestBytes() {
    return requests.bytes.get();
  }

  /** The bytes of all answers, heads included. */
  public long answerBytes() {
    return answers.bytes.get();
  }

  /** How many answers began: so many requests were answered. */
  public long answers() {
    return answers.heads.get();
  }

  /** How often a request was cut. */
  public long requestCuts() {
    return requests.cuts.get();
  }

  /** How often an answer was cut. */
  public long answerCuts() {
    return answers.cuts.get();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        connections.incrementAndGet();
        Thread.ofVirtual().start(() -> connect(client));
      } catch (IOException e) {
        if (!listening.isClosed()) {
          throw new IllegalStateException("the proxy cannot accept connections", e);
        }
      }
    }
  }

  private void connect(Socket client) {
    open.add(client);
    Socket server = new Socket();
    try {
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), targetPort));
      open.add(server);
      Thread back =
          Thread.ofVirtual().start(() -> pass(server, client, answers, cuts.answerBytes()));
      pass(client, server, requests, cuts.requestBytes());
      back.join();
    } catch (IOException e) {
      // The server is not there: the client learns it as it would without a proxy.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      close(client, false);
      close(server, false);
      open.remove(client);
      open.remove(server);
    }
  }

  /** Passes bytes on until the stream ends or the limit is reached: exactly so many. */
  private void pass(Socket from, Socket to, Flow flow, long limitBytes) {
    byte[] buffer = new byte[BUFFER_BYTES];
    long leftBytes = limitBytes;
    Heads heads = new Heads();
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      while (leftBytes > 0) {
        int read = in.read(buffer, 0, (int) Math.min(buffer.length, leftBytes));
        if (read < 0) {
          to.shutdownOutput();
          return;
        }
        out.write(buffer, 0, read);
        flow.bytes.addAndGet(read);
        flow.heads.addAndGet(heads.count(buffer, read));
        leftBytes -= read;
      }
      flow.cuts.incrementAndGet();
      boolean abrupt = cuts.abrupt();
      close(from, abrupt);
      close(to, abrupt);
    } catch (IOException e) {
      close(from, false);
      close(to, false);
    }
  }

  private static void close(Socket socket, boolean abrupt) {
    try (socket) {
      if (abrupt) {
        socket.setSoLinger(true, 0);
      }
    } catch (IOException e) {
      // The other direction was faster: it is closed.
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    open.forEach(socket -> close(socket, false));
  }
}
