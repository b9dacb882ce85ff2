package io.ottla.client;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;

/**
 * Requests to one server over HTTP/1.1. Every status is an answer; what is thrown, or completes a
 * future exceptionally, is an {@link OttlaException} with status 0. Nothing that has a body is
 * repeated here; other reads may be. Thread-safe.
 */
final class Transport implements AutoCloseable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration CLOSE_TIMEOUT = Duration.ofMillis(500);

  private final URI url;
  private final ExecutorService threads;
  private final HttpClient client;
  private final AtomicLong requests = new AtomicLong();

  /** For a server at a URL whose path, if it has one, stands before that of every request. */
  Transport(URI url) {
    if (url.getHost() == null
        || !("http".equals(url.getScheme()) || "https".equals(url.getScheme()))) {
      throw new IllegalArgumentException("not an address such as http://127.0.0.1:8080: " + url);
    }
    String text = url.toString();
    this.url = text.endsWith("/") ? URI.create(text.substring(0, text.length() - 1)) : url;
    this.threads =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "ottla-http");
              thread.setDaemon(true);
              return thread;
            });
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .executor(threads);
    if (!"https".equalsIgnoreCase(url.getScheme())) {
      builder.sslContext(trustingNobody()).sslParameters(new SSLParameters());
    }
    this.client = builder.build();
  }

  /** For plain HTTP: the usual one reads all certificates, which takes a tenth of a second. */
  private static SSLContext trustingNobody() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[0], new TrustManager[0], null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }

  /** An answer whose body is still coming; it must be closed. */
  record Streamed(int status, HttpHeaders headers, InputStream body) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      body.close();
    }
  }

  /** How many requests were sent so far. */
  long requestsSent() {
    return requests.get();
  }

  /** Sends the request and waits for the whole answer. */
  Response send(Request request) {
    return await(sendAsync(request), request.timeout());
  }

  /**
   * Sends the request; the future is completed with the whole answer, within its timeout. To cancel
   * it gives up the exchange.
   */
  @SuppressWarnings("FutureReturnValueIgnored") // whatever happens there completes the result
  CompletableFuture<Response> sendAsync(Request request) {
    CompletableFuture<HttpResponse<byte[]>> exchange =
        exchange(request, BodyHandlers.ofByteArray());
    CompletableFuture<Response> result = new CompletableFuture<>();
    exchange.whenComplete(
        (response, failure) -> {
          if (failure != null) {
            result.completeExceptionally(failure(failure, request));
          } else {
            result.complete(
                new Response(response.statusCode(), response.headers(), response.body()));
          }
        });
    // The exchange's own timeout ends with the head of the answer; the body may stall as well.
    CompletableFuture<Boolean> timer =
        new CompletableFuture<Boolean>()
            .completeOnTimeout(true, request.timeout().toMillis(), TimeUnit.MILLISECONDS);
    timer.thenRun(() -> result.completeExceptionally(failure(new TimeoutException(), request)));
    result.whenComplete(
        (response, failure) -> {
          timer.cancel(false);
          if (failure != null) {
            exchange.cancel(true);
          }
        });
    return result;
  }

  /** Sends the request; its answer's body is read as it comes. */
  Streamed stream(Request request) {
    CompletableFuture<HttpResponse<InputStream>> exchange =
        exchange(request, BodyHandlers.ofInputStream());
    HttpResponse<InputStream> response = await(exchange, request.timeout());
    return new Streamed(response.statusCode(), response.headers(), response.body());
  }

  private <T> CompletableFuture<HttpResponse<T>> exchange(Request request, BodyHandler<T> handler) {
    BodyPublisher body =
        request.body() == null
            ? BodyPublishers.noBody()
            : new SentOnce(BodyPublishers.ofByteArray(request.body()));
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(url + request.target()))
            .timeout(request.timeout())
            .method(request.method(), body);
    request.headers().forEach(builder::header);
    requests.incrementAndGet();
    try {
      return client.sendAsync(builder.build(), handler);
    } catch (RejectedExecutionException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Waits for an exchange; gives it up if the time is over or the thread is interrupted. */
  <T> T await(CompletableFuture<T> future, Duration timeout) {
    try {
      return future.get(timeout.toMillis() + 1_000, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      future.cancel(true);
      Thread.currentThread().interrupt();
      throw OttlaException.noAnswer("interrupted", "Interrupted while waiting for an answer.", e);
    } catch (ExecutionException | CancellationException | TimeoutException e) {
      future.cancel(true);
      throw failure(e, null);
    }
  }

  private OttlaException failure(Throwable failure, Request request) {
    Throwable cause = failure;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof OttlaException known) {
      return known;
    }
    if (cause instanceof TimeoutException || cause instanceof java.net.http.HttpTimeoutException) {
      return OttlaException.noAnswer("request_timeout", url + " gave no answer in time.", cause);
    }
    if (cause instanceof CancellationException || cause instanceof RejectedExecutionException) {
      return OttlaException.of("closed", "The request was given up.");
    }
    String what = request == null ? "" : " (" + request.method() + " " + request.target() + ")";
    return OttlaException.noAnswer(
        "connection_failed", "No answer from " + url + what + ": " + reason(cause) + ".", cause);
  }

  /** The failure of a future that {@link #sendAsync} gave; null if it did not fail. */
  static OttlaException known(Throwable failure) {
    if (failure == null || failure instanceof OttlaException) {
      return (OttlaException) failure;
    }
    return OttlaException.of("closed", "The request was given up.");
  }

  /** In words: what Java says of a refused connection is nothing but its class. */
  private static String reason(Throwable cause) {
    if (cause instanceof java.net.ConnectException) {
      return "nothing accepts connections there";
    }
    return cause.getMessage() == null ? "the connection failed" : cause.getMessage();
  }

  /**
   * Ends the client's own thread too, where Java can (from 21 on): a JVM that ends while it waits
   * takes 300 ms longer. An exchange that is still under way is not waited for.
   */
  @Override
  public void close() {
    if (client instanceof AutoCloseable closeable) {
      Thread closing = new Thread(() -> close(closeable), "ottla-http-close");
      closing.setDaemon(true);
      closing.start();
      try {
        closing.join(CLOSE_TIMEOUT.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    threads.shutdown();
  }

  private static void close(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) {
      throw new IllegalStateException(e); // it declares none
    }
  }
}
