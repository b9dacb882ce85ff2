package io.ottla.torture.load;

import io.ottla.testkit.Api;
import io.ottla.torture.history.Anomaly;
import io.ottla.torture.history.GroupLedger;
import io.ottla.torture.history.History;
import io.ottla.torture.history.Place;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/**
 * The mixed load of a run: producers, readers and the members of a group per topic, from the first
 * server's start to the end. One owner, the attacker.
 */
public final class Workload {
  /** The cluster that is attacked. */
  public static final String CLUSTER = "torture";

  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(20);
  private static final Duration CREATE_TIMEOUT = Duration.ofSeconds(90);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Site site;
  private final Map<String, GroupLedger> ledgers = new TreeMap<>();
  private final SplittableRandom random;
  private final Size size;
  private final List<Thread> threads = new ArrayList<>();

  /**
   * How much of what.
   *
   * @param membersPerGroup a group per topic
   */
  public record Size(int producers, int readers, int membersPerGroup) {
    /** What two cores bear. */
    public static Size normal() {
      return new Size(8, 2, 3);
    }
  }

  /** Nothing runs yet. */
  public Workload(
      History history, Map<String, Integer> topics, Size size, SplittableRandom random) {
    this.site = new Site(history, topics, REQUEST_TIMEOUT);
    this.size = size;
    this.random = random;
    for (String topic : topics.keySet()) {
      ledgers.put(topic, new GroupLedger("group-" + topic, history.findings()));
    }
  }

  public Site site() {
    return site;
  }

  /** Makes cluster and topics on an empty server; every second topic is not compressed. */
  public void create(int brokers, ObjectNode topicSettings)
      throws IOException, InterruptedException {
    try (Api api = new Api(site.api().url(), CREATE_TIMEOUT)) {
      api.post("/cluster", Api.object().put("name", CLUSTER).put("num_brokers", brokers))
          .expect(201);
      List<String> topics = site.topics();
      for (String topic : topics) {
        ObjectNode request = topicSettings.deepCopy().put("name", topic);
        request.put("partitions", site.partitions(topic));
        request.put("compression", topics.indexOf(topic) % 2 == 0 ? "lz4" : "none");
        api.post("/topic", request).expect(201);
      }
    }
  }

  /** Starts every client. */
  public void start() {
    for (int i = 0; i < size.producers(); i++) {
      start(new Producer(site, random.split()));
    }
    for (int i = 0; i < size.readers(); i++) {
      start(new PartitionReads(site, random.split()));
    }
    ledgers.forEach(
        (topic, ledger) -> {
          for (int i = 0; i < size.membersPerGroup(); i++) {
            start(new GroupMember(site, topic, ledger, random.split()));
          }
        });
  }

  /** A client that ends before its time has met an answer that nobody expects: that is told. */
  private void start(Runnable client) {
    threads.add(
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    client.run();
                  } catch (RuntimeException | Error e) {
                    site.history().findings().add(Anomaly.UNEXPECTED_ANSWER, e.toString());
                  }
                }));
  }

  /** Looks that every commit that was acked is there. */
  public void lookAtCommits() throws IOException, InterruptedException {
    for (var entry : ledgers.entrySet()) {
      GroupMember.look(site.api(), entry.getKey(), entry.getValue(), site.history().findings());
    }
  }

  /** Ends every client; each is answered, or gives up, before. */
  public void stop() throws InterruptedException {
    site.end();
    for (Thread thread : threads) {
      thread.join();
    }
    threads.clear();
  }

  /** Reads everything on the server that runs, and judges the whole history. */
  public void readAllAndJudge() throws IOException, InterruptedException {
    FinalReader reader = new FinalReader(site.api(), site.history(), PATIENCE);
    for (Place place : site.places()) {
      reader.read(place);
    }
    lookAtCommits();
    site.history().judge();
  }

  /** How many commits were acked. */
  public long commitCount() {
    return ledgers.values().stream().mapToLong(GroupLedger::commitCount).sum();
  }
}
