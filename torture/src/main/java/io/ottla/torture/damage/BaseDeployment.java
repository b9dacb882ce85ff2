package io.ottla.torture.damage;

import io.ottla.testkit.Api;
import io.ottla.torture.history.Findings;
import io.ottla.torture.history.History;
import io.ottla.torture.run.AttackedServer;
import io.ottla.torture.run.Insistence;
import io.ottla.torture.run.Trees;
import io.ottla.torture.run.Workspace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A small deployment with everything that can be damaged: closed segments, closed and open journal
 * files, checkpoints, commits. It is made once, killed, and copied for each case. Immutable once
 * made.
 *
 * @param whole all three brokers have everything
 * @param lagging one broker was stopped before the last writes
 * @param old the same earlier
 */
record BaseDeployment(Variant whole, Variant lagging, Path old) {
  static final String CLUSTER = "torture";
  static final String GROUP = "readers";
  static final String GROUP_TOPIC = "orders";
  static final Map<String, Integer> TOPICS = new TreeMap<>(Map.of("orders", 3, "visits", 3));

  private static final int SEGMENT_BYTES = 8_192;
  private static final int BATCH = 40;

  /**
   * Data directories as a {@code kill -9} left them.
   *
   * @param laggard the broker that was stopped before the last writes; 0 if none was
   */
  record Variant(Path data, Expected expected, int laggard) {}

  /** Makes it; takes some starts of the server. */
  static BaseDeployment make(Workspace workspace, long seed, SplittableRandom random)
      throws IOException, InterruptedException {
    AttackedServer server =
        new AttackedServer(workspace.directory(), workspace.resolve("base"), List.of());
    Maker maker = new Maker(server, new History(seed, new Findings()), random);
    try {
      maker.first();
      Path old = workspace.resolve("old");
      Trees.copy(server.dataDirectory(), old);
      server.start();
      maker.write(6);
      maker.commit();
      server.stop();
      server.start();
      maker.write(4);
      Expected whole = maker.killedWith();
      Path wholeData = workspace.resolve("whole");
      Trees.copy(server.dataDirectory(), wholeData);
      int laggard = 1 + random.nextInt(3);
      server.start();
      maker.stopBroker(laggard);
      maker.write(3);
      maker.commit();
      Expected lagging = maker.killedWith();
      return new BaseDeployment(
          new Variant(wholeData, whole, 0),
          new Variant(server.dataDirectory(), lagging, laggard),
          old);
    } finally {
      server.kill();
    }
  }

  /** Writes into the deployment while it is made. One owner. */
  private static final class Maker {
    private final AttackedServer server;
    private final History history;
    private final SplittableRandom random;
    private final int process;
    private long consumer = -1;

    Maker(AttackedServer server, History history, SplittableRandom random) {
      this.server = server;
      this.history = history;
      this.random = random;
      this.process = history.newProcess();
    }

    /** Up to a kill, with a clean stop on the way. */
    void first() throws IOException, InterruptedException {
      server.start();
      try (Api api = server.api()) {
        api.post("/cluster", Api.object().put("name", CLUSTER)).expect(201);
        for (var topic : TOPICS.entrySet()) {
          api.post(
                  "/topic",
                  Api.object()
                      .put("name", topic.getKey())
                      .put("partitions", topic.getValue())
                      .put("retention_policies", -1)
                      .put("segment_bytes", SEGMENT_BYTES))
              .expect(201);
        }
      }
      write(8);
      commit();
      server.stop();
      server.start();
      write(8);
      commit();
      killedWith();
    }

    /** So many batches to each partition, all acked. */
    void write(int batches) throws IOException, InterruptedException {
      try (Api api = server.api()) {
        for (int i = 0; i < batches; i++) {
          for (var topic : TOPICS.entrySet()) {
            for (int partition = 0; partition < topic.getValue(); partition++) {
              ObjectNode request = Api.object().put("topic", topic.getKey());
              ArrayNode events = request.putArray("events");
              for (int event = 0; event < 1 + random.nextInt(BATCH); event++) {
                events.add(history.event(history.newEvent(process)).put("partition", partition));
              }
              Insistence.post(api, "/events", request).expect(201);
            }
          }
        }
      }
    }

    /** The group reads on and commits. */
    void commit() throws IOException, InterruptedException {
      try (Api api = server.api()) {
        if (consumer < 0) {
          ObjectNode join =
              Api.object().put("group", GROUP).put("from", "earliest").put("auto_commit", false);
          join.putArray("topics").add(GROUP_TOPIC);
          consumer =
              Insistence.post(api, "/consumer", join).expect(201).required("consumer_id").asLong();
        }
        JsonNode answer =
            Insistence.get(api, "/events?max_events=200&consumer_id=" + consumer).expect(200);
        ObjectNode commit =
            Api.object()
                .put("consumer_id", consumer)
                .put("cursor", answer.required("cursor").asString());
        Insistence.post(api, "/offset", commit).expect(200);
      }
    }

    void stopBroker(int number) throws IOException, InterruptedException {
      try (Api api = server.api()) {
        String path = "/cluster/" + CLUSTER + "/brokers/" + number + "/stop";
        api.post(path, Api.object().put("mode", "clean")).expect(200);
      }
    }

    /** What the server shows; then it is killed. */
    Expected killedWith() throws IOException, InterruptedException {
      try (Api api = server.api()) {
        return Expected.read(api, TOPICS, GROUP, GROUP_TOPIC);
      } finally {
        server.kill();
      }
    }
  }
}
