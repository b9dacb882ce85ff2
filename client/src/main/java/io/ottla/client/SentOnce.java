package io.ottla.client;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow.Subscriber;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A request's body that is given once: Java's client repeats a GET by itself when its connection
 * ends, and such a repeat fails here instead of reaching the server a second time. Thread-safe.
 */
final class SentOnce implements BodyPublisher {
  private final BodyPublisher body;
  private final AtomicBoolean sent = new AtomicBoolean();

  /** The body is not empty, as the client would not ask for an empty one. */
  SentOnce(BodyPublisher body) {
    this.body = body;
  }

  @Override
  public long contentLength() {
    return body.contentLength();
  }

  @Override
  public void subscribe(Subscriber<? super ByteBuffer> subscriber) {
    if (sent.compareAndSet(false, true)) {
      body.subscribe(subscriber);
      return;
    }
    subscriber.onSubscribe(
        new Subscription() {
          @Override
          public void request(long n) {}

          @Override
          public void cancel() {}
        });
    subscriber.onError(new IOException("the connection ended before the answer"));
  }
}
