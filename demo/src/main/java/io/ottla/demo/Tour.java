package io.ottla.demo;

import io.ottla.testkit.Api;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/** The chapters of the demo, in order. One owner at a time. */
final class Tour {
  private static final int PARTITIONS = 6;
  private static final int BATCH = 250;
  private static final int SMALL_BATCH = 25;
  private static final int SHARED = 600;
  private static final Duration FAIL_OVER = Duration.ofSeconds(3);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Target target;
  private final Report report;
  private final List<Earthquake> earthquakes;
  private final Ledger ledger = new Ledger();
  private final Producer producer;
  private final Consumer consumer;

  Tour(Target target, Report report, List<Earthquake> earthquakes) {
    this.target = target;
    this.report = report;
    this.earthquakes = earthquakes;
    this.producer = new Producer(target, ledger);
    this.consumer = new Consumer(target);
  }

  /** Goes through all of it; the server's directory is empty if its disk cannot be seen. */
  void run(Optional<Path> dataDirectory) throws IOException, InterruptedException {
    int half = earthquakes.size() / 2;
    createCluster();
    publish(earthquakes.subList(0, half));
    readAndCommit(half);
    crashAndGoOn(earthquakes.subList(half, earthquakes.size()));
    heal();
    verify();
    new RetryChapter(target.api(), target.cluster(), report).run(earthquakes.subList(0, BATCH));
    consumeTogether();
    if (dataDirectory.isPresent()) {
      compareFiles(new Replicas(dataDirectory.get()));
    }
  }

  private void createCluster() throws IOException, InterruptedException {
    report.chapter("A cluster of three brokers, and a topic");
    JsonNode cluster =
        target
            .api()
            .post("/cluster", Api.object().put("name", target.cluster()).put("num_brokers", 3))
            .expect(201);
    target
        .api()
        .post(
            "/topic",
            Api.object()
                .put("name", target.topic())
                .put("cluster", target.cluster())
                .put("partitions", PARTITIONS))
        .expect(201);
    double seconds = await(() -> TopicState.read(target).ledByBroker().size() == 3);
    ClusterTree.print(target, report);
    TopicState topic = TopicState.read(target);
    report.check(
        cluster.path("brokers").size() == 3 && cluster.path("tolerated_failures").asInt() == 1,
        "three brokers, one of which may fail",
        cluster);
    report.check(
        topic.partitions().size() == PARTITIONS
            && topic.partitions().stream().allMatch(partition -> partition.brokers().size() == 3),
        "six partitions with three replicas each",
        topic);
    report.check(
        topic.ledByBroker().size() == 3,
        "every broker leads some of them, after %.1f s".formatted(seconds),
        topic.ledByBroker());
  }

  private void publish(List<Earthquake> part) throws IOException, InterruptedException {
    report.chapter("The first " + part.size() + " earthquakes, keyed by network");
    for (int from = 0; from < part.size(); from += BATCH) {
      producer.publish(part.subList(from, Math.min(from + BATCH, part.size())));
    }
    Map<Integer, Map<Long, Earthquake>> acked = ledger.byPartition();
    acked.forEach(
        (partition, offsets) ->
            report.line(
                "partition %d   %4d events   keys %s"
                    .formatted(
                        partition,
                        offsets.size(),
                        offsets.values().stream()
                            .map(Earthquake::key)
                            .distinct()
                            .sorted()
                            .toList())));
    report.check(
        ledger.count() == part.size() && producer.placesPromisedTwice() == 0,
        "each is committed at an offset of its own",
        ledger.count() + " acknowledged");
    report.check(
        TopicState.read(target).events() == ledger.count() || ledger.inDoubtCount() > 0,
        "the partitions' offsets add up to " + ledger.count(),
        TopicState.read(target).events());
    checkKeys();
  }

  private void checkKeys() {
    Map<String, ?> partitions = ledger.partitionsByKey();
    report.check(
        ledger.partitionsByKey().values().stream().allMatch(found -> found.size() == 1),
        "each of the " + partitions.size() + " keys lives in one partition",
        partitions);
  }

  private void readAndCommit(int count) throws IOException, InterruptedException {
    report.chapter("A consumer reads them and commits");
    consumer.readUntil(() -> consumer.deliveries().size() >= count);
    JsonNode committed = consumer.commit();
    report.line(
        "consumer %d, group %s: %d events in %d polls"
            .formatted(
                consumer.id(), consumer.group(), consumer.deliveries().size(), consumer.polls()));
    report.line("committed   %s".formatted(describe(committed)));
    report.check(
        consumer.deliveries().stream().allMatch(this::isAsPromised),
        "every event came with the key, the value and the offset that were acknowledged",
        "another one");
    checkCommitted(committed);
  }

  private boolean isAsPromised(Delivery delivery) {
    Earthquake earthquake =
        ledger.byPartition().getOrDefault(delivery.partition(), Map.of()).get(delivery.offset());
    return earthquake == null ? ledger.inDoubtCount() > 0 : delivery.holds(earthquake);
  }

  private void checkCommitted(JsonNode committed) {
    boolean right = true;
    for (JsonNode row : committed) {
      long offset = row.required("offset").asLong();
      right &= offset == consumer.nextOffsets().getOrDefault(row.required("partition").asInt(), 0L);
    }
    report.check(
        right && !committed.isEmpty(),
        "the committed offsets are the ones after the last events read",
        committed);
  }

  private static String describe(JsonNode committed) {
    StringBuilder text = new StringBuilder();
    for (JsonNode row : committed) {
      text.append(text.isEmpty() ? "" : "   ")
          .append(row.required("partition").asInt())
          .append(": ")
          .append(row.required("offset").asLong());
    }
    return text.toString();
  }

  private void crashAndGoOn(List<Earthquake> part) throws IOException, InterruptedException {
    TopicState before = TopicState.read(target);
    int broker = before.busiestBroker();
    int led = before.ledByBroker().get(broker);
    report.chapter("Broker " + broker + ", which leads " + led + " partitions, crashes");
    long committedBefore = committedEvents();
    AtomicBoolean published = new AtomicBoolean();
    Producer through = new Producer(target, ledger);
    FutureTask<Void> publishing =
        background(
            () -> {
              try {
                publishAndCrash(through, part, broker);
              } finally {
                published.set(true);
              }
              return null;
            });
    consumer.readUntil(() -> published.get() && hasReadAllAcked());
    finish(publishing);
    checkSoon(
        "every partition has a leader", () -> TopicState.read(target).everyPartitionHasALeader());
    TopicState after = TopicState.read(target);
    ClusterTree.print(target, report);
    report.line(
        "%d events sent while it happened, in %d requests; the slowest took %.1f s"
            .formatted(part.size(), through.attempts(), through.longest().toMillis() / 1e3));
    report.check(
        !after.ledByBroker().containsKey(broker), "the others lead its partitions now", after);
    report.check(
        through.longest().compareTo(FAIL_OVER) <= 0,
        "producing went on within " + FAIL_OVER.toSeconds() + " s",
        through.longest());
    report.check(
        consumer.steps().isEmpty(),
        "the consumer read through it: no offset skipped, none twice",
        consumer.steps());
    report.check(
        committedEvents() >= committedBefore, "what was committed still is", committedEvents());
    checkCommitted(consumer.commitByCursor());
  }

  private void publishAndCrash(Producer through, List<Earthquake> part, int broker)
      throws IOException, InterruptedException {
    FutureTask<Void> crash = null;
    for (int from = 0; from < part.size(); from += SMALL_BATCH) {
      if (crash == null && from >= part.size() / 3) {
        crash =
            background(
                () -> {
                  String path = target.clusterPath() + "/brokers/" + broker + "/stop";
                  target.api().post(path, Api.object().put("mode", "crash")).expect(200);
                  return null;
                });
      }
      through.publish(part.subList(from, Math.min(from + SMALL_BATCH, part.size())));
    }
    finish(crash);
  }

  private boolean hasReadAllAcked() {
    return ledger.byPartition().entrySet().stream()
        .allMatch(
            entry ->
                consumer.nextOffsets().getOrDefault(entry.getKey(), 0L)
                    > entry.getValue().keySet().stream()
                        .mapToLong(Long::longValue)
                        .max()
                        .orElse(-1));
  }

  private long committedEvents() throws IOException, InterruptedException {
    long events = 0;
    for (JsonNode row : consumer.offsets()) {
      events += row.path("committed").asLong(0);
    }
    return events;
  }

  private void heal() throws IOException, InterruptedException {
    JsonNode cluster = target.api().get(target.clusterPath()).expect(200);
    report.chapter("The broker comes back");
    for (JsonNode broker : cluster.required("brokers")) {
      if (!broker.required("state").asString().equals("running")) {
        String path = target.clusterPath() + "/brokers/" + broker.required("id").asInt();
        target.api().post(path + "/start", Api.object()).expect(200);
      }
    }
    checkSoon(
        "every replica has caught up and every broker leads again",
        () -> {
          TopicState topic = TopicState.read(target);
          return topic.ledByBroker().size() == 3
              && topic.partitions().stream().allMatch(TopicState.Partition::replicasAgree);
        });
    ClusterTree.print(target, report);
  }

  private void verify() throws IOException, InterruptedException {
    report.chapter("What the topic holds now");
    Verification found = Verification.of(target, ledger, earthquakes);
    report.line(
        "%d events acknowledged, %d stored, %d in doubt for a while and sent again"
            .formatted(ledger.count(), found.stored(), ledger.inDoubtCount()));
    report.check(
        ledger.count() == earthquakes.size(),
        "all " + earthquakes.size() + " earthquakes are acknowledged",
        ledger.count());
    report.check(
        found.lost().isEmpty(),
        "each is at the offset that it was acknowledged for: none lost, none changed",
        found.lost());
    report.check(
        found.unexplained().isEmpty()
            && found.stored() <= earthquakes.size() + ledger.inDoubtCount(),
        "nothing else is there",
        found.unexplained());
    report.check(
        found.outOfOrder().isEmpty(), "every key's events are in order", found.outOfOrder());
    checkKeys();
  }

  private void consumeTogether() throws IOException, InterruptedException {
    SharedTopic shared = SharedTopic.create(target.api(), target.cluster());
    shared.publish(earthquakes.subList(0, SHARED));
    new GroupChapter(shared, report).run();
    new StreamChapter(shared, report).run(earthquakes.subList(SHARED, SHARED + BATCH));
  }

  private void compareFiles(Replicas replicas) throws IOException, InterruptedException {
    report.chapter("Where the log files lie");
    TopicState topic = TopicState.read(target);
    for (TopicState.Partition partition : topic.partitions()) {
      for (TopicState.Replica replica : partition.replicas()) {
        report.line("%,9d bytes   %s".formatted(replica.sizeBytes(), replicas.directory(replica)));
      }
    }
    for (TopicState.Partition partition : topic.partitions()) {
      Optional<String> difference = replicas.difference(partition);
      report.check(
          difference.isEmpty(),
          "partition " + partition.number() + ": three files, the same bytes",
          difference.orElse(""));
    }
  }

  private void checkSoon(String claim, Condition condition)
      throws IOException, InterruptedException {
    double seconds = await(condition);
    report.check(
        condition.holds(), "%s, after %.1f s".formatted(claim, seconds), "not after " + PATIENCE);
  }

  /** Returns when it holds, or when patience is over; the seconds that it took. */
  private static double await(Condition condition) throws IOException, InterruptedException {
    long startedNanos = System.nanoTime();
    while (!condition.holds() && System.nanoTime() - startedNanos < PATIENCE.toNanos()) {
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
    }
    return (System.nanoTime() - startedNanos) / 1e9;
  }

  /** Something that the server can be asked. */
  private interface Condition {
    boolean holds() throws IOException, InterruptedException;
  }

  private static FutureTask<Void> background(Callable<Void> work) {
    FutureTask<Void> task = new FutureTask<>(work);
    Thread.ofVirtual().start(task);
    return task;
  }

  private static void finish(FutureTask<Void> task) throws IOException, InterruptedException {
    try {
      task.get();
    } catch (ExecutionException e) {
      throw new IOException(e.getCause().getMessage(), e.getCause());
    }
  }
}
