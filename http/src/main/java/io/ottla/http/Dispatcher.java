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
import io.ottla.http.Route.Handling;
import io.ottla.http.RouteTable.Match;
import io.ottla.http.SlowClients.Client;
import io.ottla.http.json.InvalidJsonException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes every request: checks who asks, finds the route, reads the body or has the route's handler
 * read it, lets that answer and writes the answer. Runs on the connection's virtual thread.
 *
 * <p>A connection whose request was not read to its end is closed after the answer, as what follows
 * on it cannot be told from a request (request smuggling).
 */
final class Dispatcher implements Handler {
  private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
  private static final HeaderName FETCH_SITE = HeaderNames.create("Sec-Fetch-Site");
  private static final long MAX_BODIES_BYTES = 96L * 1024 * 1024;
  private static final int MAX_PRINTED_CHARS = 200;

  private final RouteTable routes;
  private final HostCheck hosts;
  private final SlowClients slowClients;
  private final ArrivingBody.Surroundings surroundings;
  private final AtomicInteger inFlight = new AtomicInteger();
  private volatile boolean stopping;

  Dispatcher(RouteTable routes, HostCheck hosts, SlowClients slowClients) {
    this.routes = routes;
    this.hosts = hosts;
    this.slowClients = slowClients;
    this.surroundings =
        new ArrivingBody.Surroundings(
            new RequestMemory(MAX_BODIES_BYTES), slowClients.limits().silence(), () -> stopping);
  }

  /** From now on requests are refused. */
  void refuseFromNowOn() {
    stopping = true;
  }

  /** How many requests are being answered. */
  int inFlight() {
    return inFlight.get();
  }

  /** What the bodies of requests hold. */
  long bodiesBytes() {
    return surroundings.memory().takenBytes();
  }

  @Override
  public void handle(ServerRequest request, ServerResponse response) {
    Client client = slowClients.sender();
    if (client == null) {
      throw givenUp();
    }
    inFlight.incrementAndGet();
    ReplyWriter writer = new ReplyWriter(response, slowClients, client);
    boolean closes = request.headers().containsToken(HeaderValues.CONNECTION_CLOSE);
    try (ArrivingBody body = open(request, client);
        BodyReader whole = new BodyReader(surroundings.memory())) {
      Reply reply = answer(request, client, body, whole);
      checkArrived(client);
      closes |= stopping || !body.isWhole();
      // A wait that was ended leaves the thread interrupted; writing would close the socket.
      boolean interrupted = Thread.interrupted();
      closes |= interrupted;
      switch (reply) {
        case Reply.Whole there -> writer.send(there, isHead(request), closes);
        case Reply.Streamed streamed -> writer.stream(streamed);
      }
      if (!body.isWhole()) {
        body.drain(slowClients.limits().arrival());
      }
    } catch (DataReader.InsufficientDataAvailableException e) {
      throw new CloseConnectionException("The client is gone.", e);
    } catch (InterruptedException e) {
      throw new CloseConnectionException("The server is stopping.", e);
    } finally {
      slowClients.arrived(client);
      inFlight.decrementAndGet();
    }
    if (closes) {
      // Helidon itself goes on reading from a connection that it has announced to close.
      throw new CloseConnectionException("The answer was the connection's last.");
    }
  }

  private ArrivingBody open(ServerRequest request, Client client) {
    return new ArrivingBody(
        new FramedBody(request, client.connection().dataReader()),
        request.headers().containsToken(HeaderValues.EXPECT_100),
        surroundings);
  }

  /** From here on the request is this thread's, unless it was given up: then nothing is done. */
  private void checkArrived(Client client) {
    if (!slowClients.arrived(client)) {
      throw givenUp();
    }
  }

  private static CloseConnectionException givenUp() {
    return new CloseConnectionException("The request did not arrive in time.");
  }

  private Reply answer(ServerRequest request, Client client, ArrivingBody body, BodyReader whole) {
    boolean produces = ProducingPath.matches(method(request), rawPath(request));
    boolean begun = false;
    try {
      checkSender(request.headers());
      Match.Found found = found(request);
      checkNotStopping(request.headers());
      Map<String, String> query = PercentEncoding.query(request.query().rawValue());
      Handling handling = handling(found.route(), request.headers(), body);
      if (handling instanceof Handling.OfWhole && body.exists()) {
        whole.read(body);
      }
      checkArrived(client);
      Request read =
          new Request(
              found.parameters(),
              query,
              new RequestHeaders(request.headers()),
              whole.bytes(),
              whole.lengthBytes());
      begun = true;
      return switch (handling) {
        case Handling.OfWhole(RequestHandler handler) -> handler.handle(read);
        case Handling.OfArriving(ArrivingHandler handler) -> handler.handle(read, body);
      };
    } catch (ProblemException e) {
      return problem(e.problem(), produces, begun);
    } catch (InvalidJsonException e) {
      return problem(Problem.of(e.refusal()), produces, begun);
    } catch (InterruptedException e) {
      return problem(stopping().problem(), produces, begun);
    } catch (CloseConnectionException | DataReader.InsufficientDataAvailableException e) {
      throw e;
    } catch (RuntimeException | Error e) {
      LOG.error("request failed: path={}", printable(rawPath(request)), e);
      return problem(
          Problem.of(500, "internal_error", "The server failed; its log says why."),
          produces,
          begun);
    }
  }

  /** Who answers, which depends on what the body is. */
  private static Handling handling(Route route, ServerRequestHeaders headers, ArrivingBody body)
      throws ProblemException {
    Map<Media, Handling> handlings = route.handlings();
    if (!body.exists() && handlings.size() == 1) {
      return handlings.values().iterator().next();
    }
    Media media = Media.of(header(headers, HeaderNames.CONTENT_TYPE), handlings.keySet());
    if (body.exists() && Encodings.isGzip(headers)) {
      body.decodeGzip();
    }
    return handlings.get(media);
  }

  private static String header(ServerRequestHeaders headers, HeaderName name) {
    return headers.contains(name) ? headers.get(name).get() : "";
  }

  /**
   * Nothing is appended before the handler has begun, nor when it refuses the request itself (4xx).
   */
  private static Reply problem(Problem problem, boolean produces, boolean begun) {
    if (!produces) {
      return Reply.problem(problem);
    }
    boolean certainlyNot = !begun || problem.status() < 500;
    return Reply.problem(problem.withAppendedUnlessSaid(certainlyNot ? false : "unknown"));
  }

  private void checkNotStopping(ServerRequestHeaders headers) throws ProblemException {
    if (stopping) {
      if (header(headers, HeaderNames.ACCEPT).contains("text/event-stream")) {
        // A browser would take an error for the stream's end for good; like this it comes back.
        throw new CloseConnectionException("The server is stopping.");
      }
      throw stopping();
    }
  }

  /** What to say when the server stops. */
  static ProblemException stopping() {
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
    return switch (routes.find(method(request), path)) {
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

  private static boolean isHead(ServerRequest request) {
    return method(request).equals("HEAD");
  }

  private static String method(ServerRequest request) {
    return request.prologue().method().text();
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
