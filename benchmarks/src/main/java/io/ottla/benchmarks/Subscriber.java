package io.ottla.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** One stream of server-sent events, a consumer of its own. One owner, its loop. */
final class Subscriber {
  private final SocketChannel channel;
  private final AnswerDecoder decoder = new AnswerDecoder();
  private final EventScanner scanner;
  private long bodyBytes;

  private Subscriber(SocketChannel channel, EventScanner scanner) {
    this.channel = channel;
    this.scanner = scanner;
  }

  /** Subscribes; its key's attachment is the subscriber. */
  static Subscriber open(
      InetSocketAddress address, Selector selector, String host, String path, EventScanner scanner)
      throws IOException {
    SocketChannel channel = SocketChannel.open(address);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    String request =
        "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nAccept: text/event-stream\r\n\r\n";
    channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
    channel.configureBlocking(false);
    Subscriber subscriber = new Subscriber(channel, scanner);
    channel.register(selector, SelectionKey.OP_READ, subscriber);
    return subscriber;
  }

  /** Reads what is there, a buffer at most. */
  void read(byte[] buffer) throws IOException {
    int count = channel.read(ByteBuffer.wrap(buffer));
    if (count < 0) {
      throw new EOFException("the server ended a stream");
    }
    decoder.feed(buffer, 0, count, this::take);
    if (decoder.isComplete()) {
      throw new EOFException("the server ended a stream");
    }
  }

  private void take(byte[] bytes, int from, int to) throws IOException {
    if (decoder.status() != 200) {
      String body = new String(bytes, from, to - from, StandardCharsets.UTF_8);
      throw new IOException("a stream was answered with " + decoder.status() + ": " + body);
    }
    bodyBytes += to - from;
    scanner.scan(bytes, from, to);
  }

  /** Whether the stream has begun: its first block has come. */
  boolean hasBegun() {
    return bodyBytes > 0;
  }

  long events() {
    return scanner.events();
  }

  void close() throws IOException {
    channel.close();
  }
}
