package io.ottla.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ottla.broker.PowerHistory.Event;
import io.ottla.broker.PowerHistory.Promised;
import io.ottla.broker.PowerLife.Instant;
import io.ottla.broker.PowerLife.Shape;
import io.ottla.broker.store.PartitionReader;
import io.ottla.disk.ForgetfulDisk;
import io.ottla.disk.SystemDisk;
import io.ottla.metadata.Topic;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Power cuts over whole brokers, journals included: nothing that was promised before a cut is lost
 * by it. {@code -Dottla.power.cuts} says how many, {@code -Dottla.power.seed} what is chosen.
 *
 * <p>Every cut is judged by {@link PowerJudge}. After some of them a cluster is started, everything
 * is read from it, and it takes new events. A seed makes the same choices again, but threads run as
 * they like: it need not meet the same moments.
 */
class PowerCutTest {
  private static final int CUTS = Integer.getInteger("ottla.power.cuts", 120);
  private static final long SEED = Long.getLong("ottla.power.seed", 1);
  private static final int START_EVERY = 60;
  private static final int CUTS_OF_A_MOMENT = 4;

  @TempDir Path data;

  private int cuts;
  private int starts;

  @Test
  @Timeout(value = 6, unit = TimeUnit.HOURS)
  void whatWasAckedSurvivesAPowerCutAtAnyMoment() throws IOException {
    boolean isShort = CUTS <= 500;
    for (int life = 0; cuts < CUTS; life++) {
      Path root = data.resolve("life-" + life).toAbsolutePath();
      PowerLife powerLife = new PowerLife(SEED + life, root);
      List<Instant> moments =
          isShort
              ? powerLife.live(2, Duration.ofMillis(1_500), 20)
              : powerLife.live(3, Duration.ofMillis(2_500), 50);
      judge(powerLife.shape(), root, moments, SEED + life);
      new SystemDisk().deleteTree(root);
      System.out.println("power cuts: " + cuts + ", starts: " + starts + ", seed: " + SEED);
    }
    assertThat(starts).isPositive();
  }

  private void judge(Shape shape, Path root, List<Instant> moments, long seed) throws IOException {
    Random random = new Random(seed);
    PowerJudge judge = new PowerJudge(root, shape);
    for (int moment = 0; moment < moments.size() && cuts < CUTS; moment++) {
      for (int i = 0; i < CUTS_OF_A_MOMENT && cuts < CUTS; i++) {
        String as = "seed %d moment %d cut %d".formatted(seed, moment, i);
        ForgetfulDisk disk = moments.get(moment).disk().fork();
        Promised promised = moments.get(moment).promised();
        int victim = random.nextInt(4);
        if (victim == 0) {
          disk.powerCut(new Random(random.nextLong()), root.resolve("c1/broker-" + (1 + i % 3)));
        } else {
          disk.powerCut(new Random(random.nextLong()));
        }
        cuts++;
        boolean start = cuts % START_EVERY == 0;
        ForgetfulDisk again = start ? disk.fork() : null;
        judge.judge(disk, promised, as);
        if (start) {
          start(again, root, shape, promised, as);
        }
      }
    }
  }

  /** A cluster starts from what is left, has everything, and goes on. */
  private void start(ForgetfulDisk disk, Path root, Shape shape, Promised promised, String as)
      throws IOException {
    Path left = data.resolve("left");
    disk.writeTo(root, new SystemDisk(), left);
    try (var deployment = TestDeployment.open(PowerLife.config(new SystemDisk(), left))) {
      deployment.awaitReady();
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertHasAll(deployment, shape, promised.events(), as));
      AckedEvents later = new AckedEvents(PowerLife.CLUSTER);
      deployment.createTopic("t", 3);
      later.publish(deployment, 5);
      later.awaitAll(deployment);
      starts++;
    } catch (Throwable e) {
      throw new AssertionError(as, e);
    }
    new SystemDisk().deleteTree(left);
  }

  private static void assertHasAll(
      TestDeployment deployment, Shape shape, List<Event> acked, String as) throws IOException {
    Cluster cluster = PowerLife.cluster(deployment);
    for (Topic topic : shape.topics()) {
      for (int partition = 0; partition < topic.partitions(); partition++) {
        int number = partition;
        PartitionReader reader =
            TestDeployment.awaitLeaderReader(
                cluster.dataGroup(topic.groupOfPartition().get(partition)));
        List<Event> wanted = new ArrayList<>(acked);
        wanted.removeIf(e -> !e.topic().equals(topic.name()) || e.partition() != number);
        PowerJudge.assertHas(reader, topic, partition, wanted, as);
      }
    }
  }
}
