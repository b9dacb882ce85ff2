package io.ottla.benchmarks;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** One connection with at most one request in flight. One owner, its {@link LoadLoop}. */
final class LoadConnection {
  private final SocketChannel channel;
  private final SelectionKey key;
  private final AnswerParser parser = new AnswerParser();
  private ByteBuffer request;
  private long sentNanos;

  private LoadConnection(SocketChannel channel, SelectionKey key) {
    this.channel = channel;
    this.key = key;
  }

  static LoadConnection open(InetSocketAddress address, Selector selector) throws IOException {
    SocketChannel channel = SocketChannel.open(address);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.configureBlocking(false);
    SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
    LoadConnection connection = new LoadConnection(channel, key);
    key.attach(connection);
    return connection;
  }

  /** Starts a request; what the socket does not take now is written when it is writable. */
  void send(ByteBuffer next) throws IOException {
    request = next;
    sentNanos = System.nanoTime();
    write();
  }

  void write() throws IOException {
    channel.write(request);
    int interest =
        request.hasRemaining()
            ? SelectionKey.OP_READ | SelectionKey.OP_WRITE
            : SelectionKey.OP_READ;
    if (key.interestOps() != interest) {
      key.interestOps(interest);
    }
  }

  /** Reads what is there; true once the answer is complete. */
  boolean read(ByteBuffer buffer) throws IOException {
    while (true) {
      buffer.clear();
      int count = channel.read(buffer);
      if (count < 0) {
        throw new IOException("the server closed a connection with a request in flight");
      }
      if (count == 0) {
        return false;
      }
      if (parser.read(buffer.flip())) {
        return true;
      }
    }
  }

  int status() {
    return parser.status();
  }

  /** When the request in flight, or the last one, was begun to be sent. */
  long sentNanos() {
    return sentNanos;
  }

  void close() throws IOException {
    channel.close();
  }
}
