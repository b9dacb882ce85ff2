package io.ottla.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ottla.disk.Disk;
import io.ottla.disk.Disk.OpenMode;
import io.ottla.disk.DiskFile;
import io.ottla.disk.ForgetfulDisk;
import io.ottla.replication.ReplicatedState.PinnedFile;
import io.ottla.replication.journal.VoteFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A rebuild on a disk that loses power after each of its steps. */
class RebuildPowerCutTest {
  private static final GroupSpec SPEC = new GroupSpec(1, new UUID(1, 1), List.of(1, 2, 3), 1);
  private static final Path LEADER = Path.of("/d/broker-1");
  private static final Path BROKER = Path.of("/d/broker-2");
  private static final ReplicaFiles FILES = new ReplicaFiles(BROKER, SPEC);
  private static final Path STATE = Path.of("registers/group-1/entries");
  private static final List<Path> OWNED =
      List.of(Path.of("registers/group-1"), Path.of("registers/dropped"));
  private static final Checkpoint OLD = checkpoint(1, 9, 50);
  private static final Checkpoint COPIED = checkpoint(2, 50, 100);

  private static Checkpoint checkpoint(long term, long index, long sizeBytes) {
    return new Checkpoint(
        SPEC.id(), term, index, List.of(new PinnedFile(STATE, sizeBytes)), ByteBuffer.allocate(16));
  }

  private static ForgetfulDisk lagging() throws IOException {
    ForgetfulDisk disk = new ForgetfulDisk();
    write(disk, LEADER.resolve(STATE), 100);
    write(disk, BROKER.resolve(STATE), 50);
    write(disk, BROKER.resolve("registers/dropped/entries"), 50);
    write(disk, FILES.journal().resolve("log_0-4"), 30);
    write(disk, FILES.journal().resolve("log_inprogress_5"), 30);
    disk.writeDurably(
        FILES.journal().resolve(VoteFile.NAME),
        "term=1\nvotedFor=other\n".getBytes(StandardCharsets.UTF_8));
    new CheckpointStore(disk, FILES.checkpoints(), SPEC.id()).write(OLD);
    forceAll(disk, Path.of("/"));
    return disk;
  }

  private static void write(Disk disk, Path path, int size) throws IOException {
    disk.createDirectories(path.getParent());
    try (DiskFile file = disk.open(path, OpenMode.CREATE)) {
      file.write(ByteBuffer.allocate(size), 0);
      file.force();
    }
  }

  private static void forceAll(Disk disk, Path path) throws IOException {
    for (Path child : disk.list(path)) {
      if (!disk.list(child).isEmpty()) {
        forceAll(disk, child);
      }
    }
    disk.forceDirectory(path);
  }

  private record Source(Disk disk) implements ReplicaSource {
    @Override
    public Checkpoint checkpoint() {
      return COPIED;
    }

    @Override
    public int brokerId() {
      return 1;
    }

    @Override
    public int read(PinnedFile file, ByteBuffer target, long positionBytes) throws IOException {
      try (DiskFile open = disk.open(LEADER.resolve(file.path()), OpenMode.READ)) {
        return open.read(target, positionBytes);
      }
    }

    @Override
    public void close() {}
  }

  private static void rebuild(Disk disk) throws IOException {
    ReplicaRebuild rebuild = new ReplicaRebuild(disk, FILES, _ -> {});
    rebuild.copy(new Source(disk), FileCheck.NONE, () -> false);
    rebuild.complete(OWNED, 2, "self");
    assertThat(rebuild.finish()).isTrue();
  }

  /**
   * All of the old replica, or all of the new one; the journal goes only for a whole copy. This
   * disk may lose a directory that is moved between two others; then the checkpoint names what is
   * not there, and the replica is called lost.
   */
  private static void assertSomethingIsThere(Disk disk, String as) throws IOException {
    Optional<Checkpoint> newest =
        new CheckpointStore(disk, FILES.checkpoints(), SPEC.id()).newest();
    assertThat(newest).as(as).isPresent();
    List<String> journal =
        disk.list(FILES.journal()).stream().map(path -> path.getFileName().toString()).toList();
    assertThat(journal).as(as).contains(VoteFile.NAME);
    if (!disk.exists(BROKER.resolve(STATE))
        || (newest.get().index() == COPIED.index()
            && disk.sizeBytes(BROKER.resolve(STATE)) < 100)) {
      assertThat(newest.get().place()).as(as).isEqualTo(COPIED.place());
      return;
    }
    long size = disk.sizeBytes(BROKER.resolve(STATE));
    if (newest.get().index() == OLD.index()) {
      assertThat(journal).as(as).contains("log_0-4", "log_inprogress_5");
      assertThat(size).as(as).isEqualTo(50);
    } else {
      assertThat(newest.get().place()).as(as).isEqualTo(COPIED.place());
      assertThat(journal).as(as).noneMatch(name -> name.startsWith("log_"));
      assertThat(size).as(as).isEqualTo(100);
      assertThat(disk.exists(BROKER.resolve("registers/dropped"))).as(as).isFalse();
    }
  }

  @Test
  void noPowerCutLeavesNeitherJournalNorCheckpointNorCopy() throws IOException {
    ForgetfulDisk whole = lagging();
    long before = whole.operations();
    rebuild(whole);
    int steps = (int) (whole.operations() - before);
    assertSomethingIsThere(whole, "no cut");

    int cuts = 0;
    for (int seed = 0; seed < 60; seed++) {
      for (int cut = 0; cut < steps; cut++) {
        String as = "seed " + seed + " cut " + cut;
        ForgetfulDisk disk = lagging();
        Random random = new Random(seed * 1_000L + cut);
        cutDuring(disk, cut, random, () -> rebuild(disk));
        // The start finishes it, and may lose power as well.
        cutDuring(disk, random.nextInt(steps), random, () -> finish(disk));
        finish(disk);
        assertSomethingIsThere(disk, as);
        cuts += 2;
      }
    }
    assertThat(cuts).isGreaterThan(2_000);
  }

  private static void finish(Disk disk) throws IOException {
    new ReplicaRebuild(disk, FILES, _ -> {}).finish();
  }

  private interface Work {
    void run() throws IOException;
  }

  private static void cutDuring(ForgetfulDisk disk, int after, Random random, Work work)
      throws IOException {
    disk.cutPowerAfter(after);
    try {
      work.run();
    } catch (ForgetfulDisk.PowerCutException e) {
      // as wanted
    }
    disk.powerCut(random);
  }

  @Test
  void aCopyGoesWhereItsStateSaysAlsoAfterACrash() throws IOException {
    ForgetfulDisk disk = lagging();
    AtomicReference<Path> place = new AtomicReference<>(Path.of("registers/elsewhere"));
    FileCheck check =
        new FileCheck() {
          @Override
          public void copied(PinnedFile file, Path copy) {}

          @Override
          public Path place(Path directory) {
            return place.get();
          }
        };
    ReplicaRebuild rebuild = new ReplicaRebuild(disk, FILES, _ -> {});
    rebuild.copy(new Source(disk), check, () -> false);
    assertThat(rebuild.keepsItsPlaces()).isTrue();
    rebuild.complete(List.of(), 2, "self");
    disk.powerCut(new Random(1));

    finish(disk);

    Path moved = BROKER.resolve(place.get()).resolve(STATE.getFileName());
    assertThat(disk.sizeBytes(moved)).isEqualTo(100);
    assertThat(disk.sizeBytes(BROKER.resolve(STATE))).as("another's").isEqualTo(50);
    place.set(Path.of("registers/taken"));
    assertThat(rebuild.keepsItsPlaces()).isFalse();
  }

  @Test
  void aDamagedCopyIsNoneAndWhatWasThereStays() throws IOException {
    for (String damaged : List.of("checkpoint", "ready", "files/" + STATE)) {
      ForgetfulDisk disk = lagging();
      ReplicaRebuild rebuild = new ReplicaRebuild(disk, FILES, _ -> {});
      rebuild.copy(new Source(disk), FileCheck.NONE, () -> false);
      rebuild.complete(OWNED, 2, "self");
      try (DiskFile file = disk.open(FILES.rebuild().resolve(damaged), OpenMode.READ_WRITE)) {
        file.truncate(file.sizeBytes() - 1);
      }

      assertThat(rebuild.finish()).isFalse();

      assertSomethingIsThere(disk, damaged);
      assertThat(disk.sizeBytes(BROKER.resolve(STATE))).isEqualTo(50);
      assertThat(disk.exists(FILES.rebuild())).isFalse();
    }
  }

  @Test
  void aDamagedVoteIsReplacedByOneThatCannotBeGivenAgain() throws IOException {
    for (String meta : List.of("", "term=x\nvotedFor=other\n", "votedFor=other\n")) {
      ForgetfulDisk disk = lagging();
      Path path = FILES.journal().resolve(VoteFile.NAME);
      disk.writeDurably(path, meta.getBytes(StandardCharsets.UTF_8));

      rebuild(disk);

      assertThat(new String(disk.readAll(path), StandardCharsets.UTF_8))
          .isEqualTo("term=2\nvotedFor=self\n");
    }
  }

  @Test
  void aCompleteCopyIsNeverMadeAgain() throws IOException {
    ForgetfulDisk disk = lagging();
    ReplicaRebuild rebuild = new ReplicaRebuild(disk, FILES, _ -> {});
    rebuild.copy(new Source(disk), FileCheck.NONE, () -> false);
    rebuild.complete(OWNED, 2, "self");
    disk.deleteTree(FILES.checkpoints());

    assertThat(catchThrowable(() -> rebuild.copy(new Source(disk), FileCheck.NONE, () -> true)))
        .isInstanceOf(IllegalStateException.class);
    rebuild.finish();

    assertSomethingIsThere(disk, "finished");
  }
}
