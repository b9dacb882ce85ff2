package io.ottla.http;

import java.io.IOException;

/**
 * The body of an answer that is written as it comes about. Written by the connection's thread,
 * which closes it; any thread may {@link #end} it.
 */
public interface StreamBody extends AutoCloseable {
  /**
   * Writes until it is ended or has nothing more to say.
   *
   * @throws IOException when the client is gone
   * @throws InterruptedException when the server stops
   */
  void writeTo(StreamOutput out) throws IOException, InterruptedException;

  /** The client is gone: {@link #writeTo} returns soon. */
  void end();

  @Override
  void close();
}
