package io.ottla.broker;

import static io.ottla.broker.TestDeployment.value;

import io.ottla.broker.ControlBroker.StopMode;
import io.ottla.broker.PowerHistory.Promised;
import io.ottla.broker.produce.ProduceEvents;
import io.ottla.broker.produce.ProduceRequest;
import io.ottla.broker.produce.ProduceResult;
import io.ottla.broker.produce.ProduceResult.EventResult.Committed;
import io.ottla.disk.Disk;
import io.ottla.disk.ForgetfulDisk;
import io.ottla.disk.MirroredDisk;
import io.ottla.disk.SystemDisk;
import io.ottla.metadata.Topic;
import io.ottla.replication.GroupSpec;
import io.ottla.replication.JournalMirror;
import io.ottla.replication.RaftBroker;
import io.ottla.replication.ReplicationSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A cluster of three brokers that has a hard life on a mirrored disk: it is published to while
 * brokers are stopped, crash and lose journals, and is killed and started again. For one thread.
 */
final class PowerLife {
  static final String CLUSTER = "c1";

  /** Nothing leaves it. */
  static final String PLAIN = "plain";

  /** Old segments leave it. */
  static final String SHORT = "short";

  /** Compacted. */
  static final String TABLE = "table";

  private static final int PRODUCERS = 3;
  private static final int KEYS = 6;

  private final Path root;
  private final Random random;
  private final PowerHistory history = new PowerHistory();
  private final AtomicInteger counter = new AtomicInteger();
  private final List<Instant> instants = new ArrayList<>();
  private ForgetfulDisk model = new ForgetfulDisk();
  private long nextAtNanos;
  private int skip;
  private Shape shape;
  private Lost lost;

  /** A replica whose journal was taken away, and that may not be whole again. */
  private record Lost(int broker, int group, Path journal) {}

  /** What the disk held at one moment, forced or not, and what was promised. */
  record Instant(ForgetfulDisk disk, Promised promised) {}

  private record Killed(ForgetfulDisk disk, Promised promised, Lost lost) {}

  /** The cluster's groups and topics, which never change. */
  record Shape(UUID clusterId, List<GroupSpec> groups, List<Topic> topics) {}

  PowerLife(long seed, Path root) {
    this.root = root;
    this.random = new Random(seed);
  }

  /** Settings with which everything happens soon. */
  static Deployment.Config config(Disk disk, Path root) {
    Deployment.Config usual = TestDeployment.config(disk, root);
    return new Deployment.Config(
        usual.dataDirectories(),
        usual.host(),
        usual.port(),
        disk,
        InstantSource.system(),
        new BrokerSettings(
            ReplicationSettings.forTests(),
            100,
            50,
            Duration.ofMillis(100),
            Duration.ofMillis(500),
            Duration.ofMillis(300),
            Duration.ofHours(1)));
  }

  Shape shape() {
    return shape;
  }

  /**
   * Lives.
   *
   * @param times how often it is started
   * @param each how long it runs each time
   * @param instantsEach how many moments are kept of each, about
   */
  List<Instant> live(int times, Duration each, int instantsEach) throws IOException {
    // The data directory is there, and has been for long.
    model.createDirectories(root);
    for (Path above = root.getParent(); above != null; above = above.getParent()) {
      model.forceDirectory(above);
    }
    for (int time = 0; time < times; time++) {
      JournalMirror.mirror(root, model, history);
      Killed killed;
      try (var deployment = TestDeployment.open(config(new MirroredDisk(model), root))) {
        if (time == 0) {
          found(deployment);
        }
        killed = live(deployment, each, instantsEach);
      } finally {
        model.afterEach(() -> {});
        JournalMirror.forget(root);
      }
      // The page cache survives a kill, and what it holds is still not forced.
      Disk real = new SystemDisk();
      real.deleteTree(root);
      model = killed.disk().fork();
      model.writeTo(root, real, root);
      history.goBackTo(killed.promised());
      lost = killed.lost();
    }
    return instants;
  }

  private void found(TestDeployment deployment) {
    deployment.createCluster(CLUSTER, 3);
    createTopic(deployment, PLAIN, OptionalLong.empty(), "delete");
    createTopic(deployment, SHORT, OptionalLong.of(8_192), "delete");
    createTopic(deployment, TABLE, OptionalLong.empty(), "compact");
    Cluster cluster = cluster(deployment);
    shape =
        new Shape(
            cluster.identity().clusterId(),
            ClusterLayout.groups(cluster.identity()),
            List.of(topic(cluster, PLAIN), topic(cluster, SHORT), topic(cluster, TABLE)));
  }

  private static void createTopic(
      TestDeployment deployment, String name, OptionalLong retentionBytes, String policy) {
    value(
        new CreateTopic(deployment.deployment())
            .create(
                new CreateTopic.Request(
                    Optional.of(CLUSTER),
                    name,
                    OptionalInt.of(3),
                    OptionalDouble.empty(),
                    retentionBytes,
                    OptionalLong.of(4_096),
                    Optional.empty(),
                    Optional.of(policy),
                    OptionalInt.empty())));
  }

  static Cluster cluster(TestDeployment deployment) {
    return deployment.deployment().find(CLUSTER).orElseThrow();
  }

  private static Topic topic(Cluster cluster, String name) {
    return cluster.view().topic(name).orElseThrow();
  }

  private Killed live(TestDeployment deployment, Duration each, int instantsEach) {
    long endNanos = System.nanoTime() + each.toNanos();
    long pauseNanos = each.toNanos() / instantsEach;
    model.afterEach(() -> mayKeep(pauseNanos));
    List<Thread> producers = new ArrayList<>();
    for (int i = 0; i < PRODUCERS; i++) {
      Random choices = new Random(random.nextLong());
      producers.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (System.nanoTime() - endNanos < 0) {
                      publish(deployment, choices);
                    }
                  }));
    }
    while (System.nanoTime() - endNanos < 0) {
      act(deployment, endNanos);
    }
    ForgetfulDisk disk = model;
    Killed killed;
    synchronized (disk) {
      killed = new Killed(disk.fork(), history.now(), lost);
    }
    producers.forEach(PowerLife::join);
    return killed;
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Called under the model's lock, so that bytes and promises are of one moment. */
  private void mayKeep(long pauseNanos) {
    long now = System.nanoTime();
    if (now - nextAtNanos < 0 || skip-- > 0) {
      return;
    }
    instants.add(new Instant(model.fork(), history.now()));
    nextAtNanos = now + (long) (random.nextDouble() * 2 * pauseNanos);
    skip = random.nextInt(12);
  }

  private void act(TestDeployment deployment, long endNanos) {
    var control = new ControlBroker(deployment.deployment());
    int broker = 1 + random.nextInt(3);
    pause(random.nextInt(300), endNanos);
    noticeRebuild(deployment);
    switch (random.nextInt(6)) {
      case 0 -> restart(control, broker, StopMode.CRASH, random.nextInt(100), endNanos);
      case 1 -> restart(control, broker, StopMode.CLEAN, random.nextInt(100), endNanos);
      case 2 -> restart(control, broker, StopMode.CRASH, 600, endNanos);
      case 3 -> loseJournal(deployment, control, broker);
      case 4 -> checkpoint(deployment, broker);
      default -> pause(200, endNanos);
    }
  }

  private static void pause(int millis, long endNanos) {
    long untilNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (System.nanoTime() - untilNanos < 0 && System.nanoTime() - endNanos < 0) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
    }
  }

  private static void restart(
      ControlBroker control, int broker, StopMode mode, int awayMillis, long endNanos) {
    control.stop(CLUSTER, broker, mode);
    pause(awayMillis, endNanos);
    control.start(CLUSTER, broker);
  }

  private static void checkpoint(TestDeployment deployment, int broker) {
    try {
      Optional<RaftBroker> raft = cluster(deployment).broker(broker).orElseThrow().raft();
      if (raft.isPresent()) {
        raft.get().checkpoint(1 + broker % 3);
      }
    } catch (IOException | RuntimeException e) {
      // It is being stopped, or rebuilt.
    }
  }

  /** The journal of one replica goes, if the two others are well; it is rebuilt from them. */
  private void loseJournal(TestDeployment deployment, ControlBroker control, int broker) {
    int group = 1 + random.nextInt(3);
    if (lost != null || !allWell(deployment, group)) {
      return;
    }
    Path journal =
        root.resolve(CLUSTER + "/broker-" + broker + "/raft")
            .resolve(shape.groups().get(group).id().toString())
            .resolve("current");
    Disk disk = new MirroredDisk(model);
    control.stop(CLUSTER, broker, StopMode.CRASH);
    lost = new Lost(broker, group, journal);
    history.mayBeLost(journal);
    try {
      for (Path path : disk.list(journal)) {
        if (path.getFileName().toString().startsWith("log_")) {
          disk.delete(path);
        }
      }
      disk.forceDirectory(journal);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    control.start(CLUSTER, broker);
  }

  private void noticeRebuild(TestDeployment deployment) {
    if (lost != null && isWell(deployment, lost.broker(), lost.group())) {
      history.isWhole(lost.journal());
      lost = null;
    }
  }

  private static boolean allWell(TestDeployment deployment, int group) {
    return isWell(deployment, 1, group)
        && isWell(deployment, 2, group)
        && isWell(deployment, 3, group);
  }

  private static boolean isWell(TestDeployment deployment, int broker, int group) {
    return cluster(deployment)
        .broker(broker)
        .orElseThrow()
        .raft()
        .map(raft -> raft.status(group).sureOfWhatItShows())
        .orElse(false);
  }

  private void publish(TestDeployment deployment, Random choices) {
    String topic = List.of(PLAIN, PLAIN, SHORT, TABLE).get(choices.nextInt(4));
    List<ProduceRequest.Event> sent = new ArrayList<>();
    List<String> keys = new ArrayList<>();
    List<String> values = new ArrayList<>();
    for (int i = 1 + choices.nextInt(4); i > 0; i--) {
      String key = topic.equals(TABLE) ? "key-" + choices.nextInt(KEYS) : null;
      String value = counter.incrementAndGet() + "-" + "x".repeat(choices.nextInt(400));
      keys.add(key);
      values.add(value);
      sent.add(
          new ProduceRequest.Event(
              null,
              key == null ? null : bytes(key),
              bytes(value),
              List.of(),
              ProduceRequest.Event.NO_TIMESTAMP));
    }
    var request =
        new ProduceRequest(
            Optional.of(CLUSTER), topic, sent, Duration.ofSeconds(2), Optional.empty());
    Answer<ProduceResult> answer =
        new ProduceEvents(deployment.deployment(), InstantSource.system()).produce(request);
    if (answer instanceof Answer.Ok<ProduceResult>(ProduceResult result)) {
      for (int i = 0; i < sent.size(); i++) {
        if (result.events().get(i) instanceof Committed committed) {
          history.acked(
              new PowerHistory.Event(
                  topic, committed.partition(), committed.offset(), keys.get(i), values.get(i)));
        }
      }
    }
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(choices.nextInt(10)));
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }
}
