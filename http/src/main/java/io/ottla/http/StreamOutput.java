package io.ottla.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import io.helidon.http.DateTime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Where a streamed answer goes: chunked, and past Helidon's own response, which keeps the head back
 * until there is a second piece of the body. What is written is gathered, and sent by {@link
 * #flush}: while a client stalls, nothing but those bytes is held for it. One owner at a time.
 */
public final class StreamOutput {
  private static final int FIRST_BYTES = 1024;
  private static final int PIECE_BYTES = 64 * 1024;
  private static final byte[] LINE_END = {'\r', '\n'};
  private static final byte[] NOTHING = new byte[0];

  private final DataWriter writer;
  private final SlowClients slowClients;
  private final SlowClients.Client client;

  /** What was gathered; not kept while there is nothing, as most streams mostly wait. */
  private byte[] gathered = NOTHING;

  private int gatheredBytes;

  StreamOutput(SlowClients slowClients, SlowClients.Client client) {
    this.writer = client.connection().dataWriter();
    this.slowClients = slowClients;
    this.client = client;
  }

  /** Sends the head of the answer. */
  void begin(Reply.Streamed reply) throws IOException {
    StringBuilder head = new StringBuilder("HTTP/1.1 200 OK\r\n");
    head.append("Date: ").append(DateTime.rfc1123String()).append("\r\n");
    head.append("Content-Type: ").append(reply.contentType().get()).append("\r\n");
    reply.headers().forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
    head.append("Cache-Control: no-store\r\n");
    head.append("Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
    send(BufferData.create(head.toString().getBytes(StandardCharsets.US_ASCII)));
  }

  /** Waits while clients that do not take what was sent to them hold too much of the memory. */
  public void awaitRoom() {
    slowClients.awaitRoom();
  }

  /** Gathers {@code bytes[from, to)}. */
  public void write(byte[] bytes, int from, int to) {
    int lengthBytes = to - from;
    if (gathered.length - gatheredBytes < lengthBytes) {
      int wanted = Math.max(2 * gathered.length, gatheredBytes + lengthBytes);
      gathered = Arrays.copyOf(gathered, Math.max(wanted, FIRST_BYTES));
    }
    System.arraycopy(bytes, from, gathered, gatheredBytes, lengthBytes);
    gatheredBytes += lengthBytes;
  }

  /** Sends what was gathered; blocks while the client takes nothing. */
  public void flush() throws IOException {
    int lengthBytes = gatheredBytes;
    byte[] bytes = gathered;
    gathered = NOTHING;
    gatheredBytes = 0;
    try {
      for (int at = 0; at < lengthBytes; at += PIECE_BYTES) {
        slowClients.writing(client, bytes.length);
        sendChunk(bytes, at, Math.min(PIECE_BYTES, lengthBytes - at));
      }
    } finally {
      slowClients.written(client);
    }
  }

  private void sendChunk(byte[] bytes, int from, int lengthBytes) throws IOException {
    byte[] size = Integer.toHexString(lengthBytes).getBytes(StandardCharsets.US_ASCII);
    BufferData chunk = BufferData.create(size.length + lengthBytes + 2 * LINE_END.length);
    chunk.write(size);
    chunk.write(LINE_END);
    chunk.write(bytes, from, lengthBytes);
    chunk.write(LINE_END);
    send(chunk);
  }

  private void send(BufferData data) throws IOException {
    try {
      writer.writeNow(data);
    } catch (RuntimeException e) {
      throw new IOException("the client is gone", e);
    }
  }
}
