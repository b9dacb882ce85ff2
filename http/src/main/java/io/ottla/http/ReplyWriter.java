package io.ottla.http;

import io.helidon.common.socket.SocketWriterException;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerResponse;
import io.ottla.http.SlowClients.Client;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** Writes the answer to one request. Used once, by the connection's thread. */
final class ReplyWriter {
  /** Helidon copies an answer that is sent at once; longer ones are written as they are. */
  private static final int MAX_COPIED_BYTES = 128 * 1024;

  private static final int PIECE_BYTES = 64 * 1024;

  private final ServerResponse response;
  private final SlowClients slowClients;
  private final Client client;

  ReplyWriter(ServerResponse response, SlowClients slowClients, Client client) {
    this.response = response;
    this.slowClients = slowClients;
    this.client = client;
  }

  /**
   * Writes an answer that is there.
   *
   * @param headOnly without its body
   * @param closes whether it is the connection's last
   */
  void send(Reply.Whole reply, boolean headOnly, boolean closes) {
    response.status(Statuses.of(reply.status()));
    reply.headers().forEach((name, value) -> response.header(HeaderNames.create(name), value));
    if (closes) {
      response.header(HeaderValues.CONNECTION_CLOSE);
    }
    if (reply.body().lengthBytes() > 0) {
      response.header(reply.contentType());
    }
    try {
      write(reply, headOnly);
    } catch (UncheckedIOException | SocketWriterException e) {
      throw new CloseConnectionException("The client is gone.", e);
    }
  }

  private void write(Reply.Whole reply, boolean headOnly) {
    int lengthBytes = reply.body().lengthBytes();
    if (headOnly) {
      response.send();
    } else if (lengthBytes <= MAX_COPIED_BYTES) {
      slowClients.writing(client, lengthBytes);
      try {
        response.send(reply.body().array(), 0, lengthBytes);
      } finally {
        slowClients.written(client);
      }
    } else {
      response.headers().contentLength(lengthBytes);
      sendLarge(reply.body().array(), lengthBytes);
    }
  }

  /** In pieces, so that a client that takes none for long is told from one that is slow. */
  private void sendLarge(byte[] bytes, int lengthBytes) {
    try (OutputStream out = response.outputStream()) {
      for (int at = 0; at < lengthBytes; at += PIECE_BYTES) {
        slowClients.writing(client, bytes.length);
        out.write(bytes, at, Math.min(PIECE_BYTES, lengthBytes - at));
      }
    } catch (IOException e) {
      throw new CloseConnectionException("The client is gone.", e);
    } finally {
      slowClients.written(client);
    }
  }

  /**
   * Writes until the stream ends, and closes the connection without a last chunk: a client can tell
   * a stream that was ended from one that has nothing more to say.
   */
  void stream(Reply.Streamed reply) {
    try (StreamBody body = reply.body()) {
      StreamOutput out = new StreamOutput(slowClients, client);
      out.begin(reply);
      ClientWatch.start(client, body::end);
      body.writeTo(out);
    } catch (IOException e) {
      throw new CloseConnectionException("The client is gone.", e);
    } catch (InterruptedException e) {
      throw new CloseConnectionException("The server is stopping.", e);
    }
    throw new CloseConnectionException("The stream has ended.");
  }
}
