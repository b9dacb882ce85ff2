package io.ottla.http;

import io.helidon.common.buffers.DataReader;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.ottla.http.RouteTable.Match;
import io.ottla.http.SlowClients.Client;
import io.ottla.http.json.InvalidJsonException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes every request: checks who asks, finds the route, reads the body, lets the route's handler
 * answer and writes that. Runs on the connection's virtual thread.
 *
 * <p>A connection whose request was not read to its end is closed after the answer, as what follows
 * on it cannot be told from a request (request smuggling).
 */
final class Dispatcher implements Handler {
  private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
  private static final HeaderName FETCH_SITE = HeaderNames.create("Sec-Fetch-Site");
  private static final HeaderName LAST_EVENT_ID = HeaderNames.create("Last-Event-ID");
  private static final int MAX_PRINTED_CHARS = 200;

  /** Helidon copies an answer that is sent at once; longer ones are written as they are. */
  private static final int MAX_COPIED_BYTES = 128 * 1024;

  private static final int PIECE_BYTES = 64 * 1024;

  private final RouteTable routes;
  private final HostCheck hosts;
  private final SlowClients slowClients;
  private final BodyReader bodies = new BodyReader();
  private final AtomicInteger inFlight = new AtomicInteger();
  private volatile boolean stopping;

  Dispatcher(RouteTable routes, HostCheck hosts, SlowClients slowClients) {
    this.routes = routes;
    this.hosts = hosts;
    this.slowClients = slowClients;
  }

  /** From now on requests are refused. */
  void refuseFromNowOn() {
    stopping = true;
  }

  /** How many requests are being answered. */
  int inFlight() {
    return inFlight.get();
  }

  @Override
  public void handle(ServerRequest request, ServerResponse response) {
    inFlight.incrementAndGet();
    Client client = slowClients.sender();
    boolean closes = request.headers().containsToken(HeaderValues.CONNECTION_CLOSE);
    try (BodyReader.Body body = bodies.open(request)) {
      Reply reply = answer(request, body);
      closes |= stopping || !body.isWhole();
      // A wait that was ended leaves the thread interrupted; writing would close the socket.
      boolean interrupted = Thread.interrupted();
      closes |= interrupted;
      switch (reply) {
        case Reply.Whole whole -> send(request, response, whole, client, closes);
        case Reply.Streamed streamed -> {
          closes = true;
          stream(streamed, client);
        }
      }
      if (!body.isWhole()) {
        body.drain();
      }
    } catch (DataReader.InsufficientDataAvailableException e) {
      throw new CloseConnectionException("The client is gone.", e);
    } finally {
      slowClients.arrived();
      inFlight.decrementAndGet();
    }
    if (closes) {
      // Helidon itself goes on reading from a connection that it has announced to close.
      throw new CloseConnectionException("The answer was the connection's last.");
    }
  }

  private Reply answer(ServerRequest request, BodyReader.Body body) {
    boolean produces = false;
    try {
      checkSender(request.headers());
      Match.Found found = found(request);
      produces = found.route().produces();
      if (stopping) {
        if (header(request.headers(), HeaderNames.ACCEPT).contains("text/event-stream")) {
          // A browser would take an error for the stream's end for good; like this it comes back.
          throw new CloseConnectionException("The server is stopping.");
        }
        throw stopping();
      }
      Map<String, String> query = PercentEncoding.query(request.query().rawValue());
      if (body.exists()) {
        ContentTypes.check(request.headers());
        readBody(body);
      }
      slowClients.arrived();
      ServerRequestHeaders headers = request.headers();
      return found
          .route()
          .handler()
          .handle(
              new Request(
                  found.parameters(),
                  query,
                  header(headers, HeaderNames.ACCEPT),
                  header(headers, LAST_EVENT_ID),
                  body.bytes(),
                  body.lengthBytes()));
    } catch (ProblemException e) {
      return problem(e.problem(), produces);
    } catch (InvalidJsonException e) {
      return problem(Problem.of(e.refusal()), produces);
    } catch (InterruptedException e) {
      return problem(stopping().problem().with("appended", "unknown"), produces);
    } catch (CloseConnectionException | DataReader.InsufficientDataAvailableException e) {
      throw e;
    } catch (RuntimeException | Error e) {
      LOG.error("request failed: path={}", printable(rawPath(request)), e);
      return problem(
          Problem.of(500, "internal_error", "The server failed; its log says why."), produces);
    }
  }

  private static String header(ServerRequestHeaders headers, HeaderName name) {
    return headers.contains(name) ? headers.get(name).get() : "";
  }

  /** Refusals of the request itself (4xx) come before anything is appended; others may not. */
  private static Reply problem(Problem problem, boolean produces) {
    if (!produces) {
      return Reply.problem(problem);
    }
    return Reply.problem(
        problem.withAppendedUnlessSaid(problem.status() < 500 ? false : "unknown"));
  }

  private static ProblemException stopping() {
    return new ProblemException(
        new Problem(503, "not_ready", true, "The server is stopping.", Map.of()));
  }

  private void checkSender(ServerRequestHeaders headers) throws ProblemException {
    hosts.check(
        headers.get(HeaderNames.HOST).get(),
        headers.contains(HeaderNames.ORIGIN) ? headers.get(HeaderNames.ORIGIN).get() : null,
        headers.contains(FETCH_SITE) ? headers.get(FETCH_SITE).get() : null);
  }

  private Match.Found found(ServerRequest request) throws ProblemException {
    String path = rawPath(request);
    return switch (routes.find(request.prologue().method().text(), path)) {
      case Match.Found found -> found;
      case Match.OtherMethods other ->
          throw new ProblemException(
              Problem.of(405, "method_not_allowed", "This path has other methods.")
                  .with("allow", other.allow()));
      case Match.Nothing nothing ->
          throw new ProblemException(
              Problem.of(404, "route_not_found", "There is nothing at " + printable(path) + "."));
    };
  }

  private static void readBody(BodyReader.Body body) throws ProblemException {
    try {
      body.read();
    } catch (CloseConnectionException | DataReader.InsufficientDataAvailableException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // Helidon has no type of its own for a chunk that is none.
      throw new ProblemException(Problem.of(400, "bad_request", "The body is not well-formed."));
    }
  }

  private void send(
      ServerRequest request,
      ServerResponse response,
      Reply.Whole reply,
      Client client,
      boolean closes) {
    head(response, reply);
    if (closes) {
      response.header(HeaderValues.CONNECTION_CLOSE);
    }
    int lengthBytes = reply.body().lengthBytes();
    if (lengthBytes > 0) {
      response.header(reply.contentType());
    }
    if (request.prologue().method().text().equals("HEAD")) {
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
      sendLarge(response, reply.body().array(), lengthBytes, client);
    }
  }

  /**
   * Writes until the stream ends, and closes the connection without a last chunk: a client can tell
   * a stream that was ended from one that has nothing more to say.
   */
  private void stream(Reply.Streamed reply, Client client) {
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

  /** In pieces, so that a client that takes none for long is told from one that is slow. */
  private void sendLarge(ServerResponse response, byte[] bytes, int lengthBytes, Client client) {
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

  private static void head(ServerResponse response, Reply reply) {
    response.status(Statuses.of(reply.status()));
    reply.headers().forEach((name, value) -> response.header(HeaderNames.create(name), value));
  }

  private static String rawPath(ServerRequest request) {
    return request.prologue().uriPath().rawPath();
  }

  private static String printable(String path) {
    String shown =
        path.length() > MAX_PRINTED_CHARS ? path.substring(0, MAX_PRINTED_CHARS) + "…" : path;
    return shown.replaceAll("[^\\x20-\\x7e…]", "?");
  }
}
