package io.ottla.broker.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ottla.broker.time.GuardedClock;
import io.ottla.broker.time.TimeSource;
import io.ottla.disk.Disk;
import io.ottla.disk.ForgetfulDisk;
import io.ottla.disk.ForgetfulDisk.PowerCutException;
import io.ottla.metadata.BrokerIdentity;
import io.ottla.metadata.ClusterIdentity;
import io.ottla.replication.GroupSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Whose directory is whose, on a disk that forgets what was not forced. */
class BrokerHomesTest {
  private static final Path DATA = Path.of("/data");
  private static final UUID CLUSTER = new UUID(1, 1);

  private ForgetfulDisk disk = new ForgetfulDisk();
  private final HandClock time = new HandClock();
  private GuardedClock clock = GuardedClock.start(time, Optional.empty());

  /** A wall clock that is set, and a monotonic one, both moved by hand. */
  private static final class HandClock implements TimeSource {
    private Instant wall = Instant.parse("2026-11-26T12:00:00Z");
    private long nanos;

    @Override
    public Instant instant() {
      return wall;
    }

    @Override
    public long nanoTime() {
      return nanos;
    }

    void passes(Duration duration) {
      wall = wall.plus(duration);
      nanos += duration.toNanos();
    }
  }

  private static ClusterIdentity identity(int brokers) {
    List<BrokerIdentity> list = new ArrayList<>();
    for (int id = 1; id <= brokers; id++) {
      list.add(new BrokerIdentity(id, "127.0.0.1", 8080, 0));
    }
    return new ClusterIdentity(CLUSTER, 0, "c1", "c1", 3, 168, new UUID(2, 2), list, 0);
  }

  private static List<GroupSpec> groups(int brokers) {
    List<Integer> all = new ArrayList<>();
    for (int id = 1; id <= brokers; id++) {
      all.add(id);
    }
    return List.of(new GroupSpec(0, new UUID(3, 0), all, 1));
  }

  private BrokerHomes homes(ClusterFile file) {
    return new BrokerHomes(
        new BrokerHomes.Ground(disk, clock, List.of(DATA)),
        file,
        groups(file.identity().brokers().size()));
  }

  private BrokerHomes created(int brokers) throws IOException {
    BrokerHomes homes = homes(BrokerHomes.newCluster(identity(brokers)));
    disk.createDirectories(DATA);
    disk.forceDirectory(Path.of("/"));
    homes.announce();
    homes.create();
    for (int id = 1; id <= brokers; id++) {
      assertThat(homes.prepare(id)).isFalse();
      host(id);
    }
    homes.ready();
    return homes;
  }

  /** What a broker that runs leaves. */
  private void host(int id) throws IOException {
    Path raft = place(id).resolve("raft");
    disk.createDirectories(raft.resolve(new UUID(3, 0).toString()));
    disk.forceDirectory(raft);
    disk.forceDirectory(place(id));
  }

  private static Path place(int id) {
    return DATA.resolve("c1/broker-" + id);
  }

  private BrokerHomes reopened() throws IOException {
    var found = new ClusterFiles(disk, List.of(DATA)).read("c1");
    BrokerHomes homes = homes(((ClusterFiles.Found.Whole) found).file());
    homes.open();
    return homes;
  }

  @Test
  void aBrokerThatWasDownForManyStartsIsItsOwn() throws IOException {
    created(3);
    for (int start = 0; start < 5; start++) {
      var file = ((ClusterFiles.Found.Whole) new ClusterFiles(disk, List.of(DATA)).read("c1"));
      BrokerHomes homes = homes(file.file());
      assertThat(homes.prepare(1)).isTrue();
      assertThat(homes.prepare(3)).isTrue();
    }

    BrokerHomes homes = reopened();

    assertThat(homes.prepare(2)).isTrue();
    assertThat(homes.setAside()).isEmpty();
  }

  @Test
  void aDirectoryFromBeforeTheBrokerWasMadeAgainIsSetAside() throws IOException {
    created(3);
    disk.rename(place(2), DATA.resolve("unmounted"));
    reopened();
    disk.rename(place(2), DATA.resolve("second"));
    disk.rename(DATA.resolve("unmounted"), place(2));

    BrokerHomes homes = reopened();

    assertThat(homes.prepare(2)).isTrue();
    assertThat(homes.setAside()).singleElement().matches(each -> each.reason().equals("replaced"));
    assertThat(disk.list(place(2).resolve("raft"))).isEmpty();
  }

  @Test
  void directoriesOfOthersAreNeverABrokersOwn() throws IOException {
    created(3);
    disk.rename(place(1), DATA.resolve("one"));
    disk.rename(place(2), place(1));
    disk.rename(DATA.resolve("one"), place(2));

    BrokerHomes homes = reopened();

    for (int id = 1; id <= 2; id++) {
      int broker = id;
      assertThatThrownBy(() -> homes.prepare(broker))
          .isInstanceOf(HomeRefusedException.class)
          .hasMessageContaining("other-broker");
    }
    assertThat(homes.prepare(3)).isTrue();
    assertThat(homes.setAside()).isEmpty();
  }

  /** What a new process knows of the one before. */
  private void restart() {
    clock = GuardedClock.start(time, Optional.of(clock.history()));
  }

  /** The broker loses its identity beside others that are whole, so that it is made again. */
  private void setAsideOnce() throws IOException {
    disk.deleteTree(place(2).resolve("broker.json"));
    disk.deleteTree(place(2).resolve("broker.copy"));
    reopened();
    host(2);
  }

  private static List<Path> paths(BrokerHomes homes) throws IOException {
    return homes.setAside().stream().map(SetAsideDirectory::path).toList();
  }

  @Test
  void theNewestSetAsideStayAndOlderOnesGoAfterAWeek() throws IOException {
    created(3);
    for (int i = 0; i < 5; i++) {
      time.passes(Duration.ofHours(1));
      setAsideOnce();
    }
    List<Path> all = paths(reopened());
    assertThat(all).hasSize(5);

    time.passes(Duration.ofDays(8));

    assertThat(paths(reopened())).isEqualTo(all.subList(2, 5)).hasSize(SetAside.KEPT);
  }

  @Test
  void aDeadClockMakesNoNewerDirectoryTheOldest() throws IOException {
    created(3);
    for (int i = 0; i < SetAside.KEPT; i++) {
      setAsideOnce();
    }
    List<Path> before = paths(reopened());
    time.wall = Instant.parse("1970-01-01T00:05:00Z");
    restart();
    setAsideOnce();

    List<Path> after = paths(reopened());

    assertThat(after).hasSize(SetAside.KEPT + 1).startsWith(before.toArray(Path[]::new));
    assertThat(after.getLast()).isNotIn(before);
  }

  @Test
  void aClockThatIsAYearAheadRemovesNothingThatWasSetAside() throws IOException {
    created(3);
    for (int i = 0; i < 5; i++) {
      setAsideOnce();
    }
    List<Path> before = paths(reopened());
    time.wall = time.wall.plus(Duration.ofDays(365));

    assertThat(paths(reopened())).as("set while the server runs").isEqualTo(before);
    restart();
    assertThat(paths(reopened())).as("set while it was off").isEqualTo(before);
  }

  @Test
  void whatAnOlderBuildSetAsideStaysAsItsOrderIsNotKnown() throws IOException {
    created(3);
    for (int month = 1; month <= 5; month++) {
      disk.createDirectories(
          DATA.resolve("c1/broker-2.set-aside-20260%d01T000000Z-older-copy".formatted(month)));
    }
    setAsideOnce();
    time.passes(Duration.ofDays(8));

    List<SetAsideDirectory> shown = reopened().setAside();

    assertThat(shown).hasSize(6);
    assertThat(shown.getFirst().since()).isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
    assertThat(shown.getLast().reason()).isEqualTo("no-identity");
  }

  @Test
  void aPersonMayAdoptTheOlderCopyOfTheOnlyBroker() throws IOException {
    created(1);
    makeOld(1);
    BrokerHomes homes = reopened();
    assertThatThrownBy(() -> homes.prepare(1)).hasMessageContaining("older-copy");

    assertThat(adoption().objection(1, place(1))).isEmpty();
    adoption().adopt(1, place(1));

    BrokerHomes after = reopened();
    assertThat(after.prepare(1)).isTrue();
    assertThat(after.setAside()).isEmpty();
    assertThat(disk.list(place(1).resolve("raft"))).hasSize(1);
  }

  @Test
  void whatWasSetAsideTakesThePlaceAndWhatStoodThereIsSetAside() throws IOException {
    created(1);
    Path aside = DATA.resolve("c1/broker-1.set-aside-20260101T000000Z-no-identity");
    disk.rename(place(1), aside);
    disk.createDirectories(place(1).resolve("topics/stray"));
    disk.open(aside.resolve("mark"), Disk.OpenMode.CREATE).close();

    adoption().adopt(1, aside);

    BrokerHomes after = reopened();
    assertThat(after.prepare(1)).isTrue();
    assertThat(disk.exists(place(1).resolve("mark"))).isTrue();
    assertThat(after.setAside()).singleElement().matches(each -> each.reason().equals("replaced"));
  }

  @Test
  void nobodyIsAdoptedWhomTheOthersCanRebuild() throws IOException {
    created(3);
    makeOld(2);

    assertThat(adoption().objection(2, place(2)).orElseThrow()).contains("from the others");
    assertThat(adoption().objection(1, place(1)).orElseThrow()).contains("current directory");
    assertThat(adoption().report()).anyMatch(line -> line.contains("older-copy"));
  }

  private HomeAdoption adoption() throws IOException {
    var found = (ClusterFiles.Found.Whole) new ClusterFiles(disk, List.of(DATA)).read("c1");
    return new HomeAdoption(
        new BrokerHomes.Ground(disk, clock, List.of(DATA)),
        found.file(),
        groups(found.file().identity().brokers().size()));
  }

  /** One start later the broker's files are again those of before. */
  private void makeOld(int id) throws IOException {
    byte[] before = disk.readAll(place(id).resolve("broker.json"));
    reopened();
    for (String name : List.of("broker.json", "broker.copy")) {
      disk.writeDurably(place(id).resolve(name), before);
    }
  }

  /** However often power goes at a start, nobody is condemned and no old directory is accepted. */
  @Test
  void aPowerCutAtAnyPointOfAStartCondemnsNobody() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int run = 0; run < 50; run++) {
      disk = new ForgetfulDisk();
      created(3);
      for (int cut = 0; cut < 3; cut++) {
        disk.cutPowerAfter(random.nextInt(120));
        try {
          reopened();
        } catch (PowerCutException e) {
          // the next start goes on
        }
        disk.powerCut(random);
      }

      BrokerHomes homes = reopened();

      for (int id = 1; id <= 3; id++) {
        assertThat(homes.prepare(id)).as("seed %d run %d", seed, run).isTrue();
        assertThat(disk.list(place(id).resolve("raft")))
            .as("seed %d run %d broker %d", seed, run, id)
            .hasSize(1);
      }
      assertThat(homes.setAside()).as("seed %d run %d", seed, run).isEmpty();
    }
  }

  /** The same while a broker is made again: the one of before is never taken for it. */
  @Test
  void aPowerCutWhileABrokerIsMadeAgainLeavesTheOldOneASide() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int run = 0; run < 50; run++) {
      disk = new ForgetfulDisk();
      created(3);
      Disk.OpenMode create = Disk.OpenMode.CREATE;
      try (var mark = disk.open(place(2).resolve("raft/mark"), create)) {
        mark.force();
      }
      disk.forceDirectory(place(2).resolve("raft"));
      for (String name : List.of("broker.json", "broker.copy")) {
        disk.delete(place(2).resolve(name));
      }
      disk.forceDirectory(place(2));
      disk.cutPowerAfter(random.nextInt(120));
      try {
        reopened();
      } catch (PowerCutException e) {
        // the next start goes on
      }
      disk.powerCut(random);

      BrokerHomes homes = reopened();

      assertThat(homes.prepare(2)).isTrue();
      assertThat(disk.exists(place(2).resolve("raft/mark")))
          .as("seed %d run %d", seed, run)
          .isFalse();
      assertThat(homes.setAside())
          .as("seed %d run %d", seed, run)
          .singleElement()
          .matches(each -> markIn(each.path()));
    }
  }

  private boolean markIn(Path aside) {
    try {
      return disk.exists(aside.resolve("raft/mark"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
