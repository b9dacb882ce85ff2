package io.ottla.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.ottla.testkit.Api;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** A check that has never failed proves nothing: here the server is one that lies. */
class VerificationTest {
  private static final List<Earthquake> SENT =
      List.of(earthquake(0, "a"), earthquake(1, "b"), earthquake(2, "a"));

  private final Ledger ledger = new Ledger();
  private final List<Earthquake> stored = new ArrayList<>(SENT);
  private HttpServer server;

  private static Earthquake earthquake(int number, String key) {
    return new Earthquake(number, key, Api.object().put("id", number));
  }

  @BeforeEach
  void start() throws IOException {
    for (Earthquake earthquake : SENT) {
      ledger.acked(earthquake, 0, earthquake.number());
    }
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/topic/t", exchange -> answer(exchange, topic()));
    server.createContext("/events", exchange -> answer(exchange, events()));
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void acceptsWhatWasPromised() throws IOException, InterruptedException {
    Verification found = verify();

    assertThat(found.stored()).isEqualTo(3);
    assertThat(found.lost()).isEmpty();
    assertThat(found.unexplained()).isEmpty();
    assertThat(found.outOfOrder()).isEmpty();
  }

  @Test
  void findsAnEventThatIsNotThere() throws IOException, InterruptedException {
    stored.removeLast();

    assertThat(verify().lost()).containsExactly("partition 0 offset 2 is not there");
  }

  @Test
  void findsEventsThatChangedPlaces() throws IOException, InterruptedException {
    stored.addFirst(stored.removeLast());

    assertThat(verify().lost()).hasSize(3);
  }

  @Test
  void findsAnEventThatIsThereTwice() throws IOException, InterruptedException {
    stored.add(SENT.getFirst());

    assertThat(verify().unexplained()).containsExactly("partition 0 offset 3");
  }

  @Test
  void acceptsOneThatIsThereTwiceIfItWasInDoubt() throws IOException, InterruptedException {
    stored.add(SENT.getFirst());
    ledger.inDoubt(SENT.getFirst());

    assertThat(verify().unexplained()).isEmpty();
  }

  @Test
  void findsAnEventThatNobodySent() throws IOException, InterruptedException {
    stored.add(earthquake(99, "a"));

    assertThat(verify().unexplained()).containsExactly("partition 0 offset 3");
  }

  private Verification verify() throws IOException, InterruptedException {
    URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    try (Api api = new Api(url, Duration.ofSeconds(5))) {
      return Verification.of(new Target(api, "c", "t"), ledger, SENT);
    }
  }

  private ObjectNode topic() {
    ObjectNode topic = Api.object();
    ObjectNode partition = topic.putArray("partitions").addObject();
    partition.put("partition", 0).put("leader", 1).put("start_offset", 0);
    partition.put("end_offset", stored.size());
    partition.putArray("replicas");
    partition.putArray("replica_details");
    return topic;
  }

  private ObjectNode events() {
    ObjectNode answer = Api.object().put("next_offset", stored.size());
    var events = answer.putArray("events");
    for (int offset = 0; offset < stored.size(); offset++) {
      Earthquake earthquake = stored.get(offset);
      ObjectNode event = events.addObject();
      event.put("partition", 0).put("offset", offset).put("key", earthquake.key());
      event.set("value", earthquake.value());
    }
    return answer;
  }

  private static void answer(HttpExchange exchange, ObjectNode body) throws IOException {
    byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }
}
