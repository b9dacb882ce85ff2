package io.ottla.broker.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ottla.broker.store.DataCommand.Append;
import io.ottla.broker.store.DataCommand.CreatePartition;
import io.ottla.broker.store.DataCommand.DropPartition;
import io.ottla.disk.Disk;
import io.ottla.disk.ForgetfulDisk;
import io.ottla.log.Compression;
import io.ottla.log.OpenFiles;
import io.ottla.log.RecordBatchBuilder;
import io.ottla.replication.Entry;
import io.ottla.replication.ReplicatedState.Capture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A directory whose metadata is damaged is somebody's: nobody else takes its name or its files. */
class UnknownDirectoriesTest {
  private static final UUID OLD = new UUID(1, 1);
  private static final UUID NEW = new UUID(3, 3);
  private static final PartitionConfig CONFIG = new PartitionConfig(4096, 60_000, -1, -1, false);
  private static final Path BROKER = Path.of("/broker-1");
  private static final Path TOPICS = BROKER.resolve("topics");
  private static final Path PLAIN = TOPICS.resolve("liked-0");
  private static final Path ASIDE = TOPICS.resolve("liked-0." + OLD + ".deleted");
  private static final String SEGMENT = "00000000000000000000.log";

  private final Disk disk = new ForgetfulDisk();
  private long index;

  @Test
  void aNewPartitionOfTheNameLeavesTheOldOnesFilesToItsGroup() throws IOException {
    PartitionStore old = open(1, directories(), Optional.empty());
    apply(old, create(OLD), append(OLD, "old"));
    byte[] checkpoint = checkpoint(old);
    old.close();
    byte[] segment = disk.readAll(PLAIN.resolve(SEGMENT));
    damage(PLAIN);

    PartitionDirectories directories = directories();
    PartitionStore other = open(2, directories, Optional.empty());
    apply(other, create(NEW), append(NEW, "new"));
    old = open(1, directories, Optional.of(checkpoint));

    assertHolds(old, OLD, segment);
    assertThat(other.reader().extent(NEW, 0).orElseThrow().endOffset()).isEqualTo(1);
    old.close();
    other.close();
  }

  @Test
  void aDropLeavesWhatStandsUnderTheNameThatItWouldTake() throws IOException {
    disk.createDirectories(ASIDE);
    disk.writeDurably(ASIDE.resolve(SEGMENT), new byte[] {1, 2, 3});
    PartitionStore store = open(1, directories(), Optional.empty());

    apply(store, create(OLD), append(OLD, "old"));
    apply(store, new DropPartition(OLD, 0));
    checkpoint(store);

    assertThat(disk.readAll(ASIDE.resolve(SEGMENT))).isEqualTo(new byte[] {1, 2, 3});
    assertThat(store.ownedDirectories()).isEmpty();
    store.close();
  }

  @Test
  void aDropThatIsTakenBackLeavesWhatStandsUnderTheFormerName() throws IOException {
    PartitionStore store = open(1, directories(), Optional.empty());
    apply(store, create(OLD), append(OLD, "old"));
    byte[] checkpoint = checkpoint(store);
    byte[] segment = disk.readAll(PLAIN.resolve(SEGMENT));
    apply(store, new DropPartition(OLD, 0));
    store.close();
    disk.createDirectories(PLAIN);
    disk.writeDurably(PLAIN.resolve(SEGMENT), new byte[] {1, 2, 3});

    store = open(1, directories(), Optional.of(checkpoint));

    assertHolds(store, OLD, segment);
    assertThat(disk.readAll(PLAIN.resolve(SEGMENT))).isEqualTo(new byte[] {1, 2, 3});
    store.close();
  }

  @Test
  void ofTwoDirectoriesThatMayBeItsOwnAPartitionTakesTheOneThatNobodyElseCanHave()
      throws IOException {
    PartitionDirectories directories = directories();
    PartitionStore old = open(1, directories, Optional.empty());
    apply(old, create(OLD), append(OLD, "old"));
    byte[] checkpoint = checkpoint(old);
    byte[] oldSegment = disk.readAll(PLAIN.resolve(SEGMENT));
    apply(old, new DropPartition(OLD, 0));
    PartitionStore other = open(2, directories, Optional.empty());
    apply(other, create(NEW), append(NEW, "new"));
    byte[] otherCheckpoint = checkpoint(other);
    byte[] newSegment = disk.readAll(PLAIN.resolve(SEGMENT));
    old.close();
    other.close();
    damage(ASIDE);
    damage(PLAIN);

    directories = directories();
    old = open(1, directories, Optional.of(checkpoint));
    other = open(2, directories, Optional.of(otherCheckpoint));

    assertHolds(old, OLD, oldSegment);
    assertHolds(other, NEW, newSegment);
    old.close();
    other.close();
  }

  @Test
  void whatCannotBeSetAsideKeepsItsNameUntilItIsMoved() throws IOException {
    disk.createDirectories(PLAIN);
    PartitionDirectories directories = directories();
    PartitionMetadata metadata = new PartitionMetadata(NEW, "liked", 0, 2, 1);

    assertThatThrownBy(
            () ->
                directories.setAsideUnknown(
                    moved -> {
                      throw new IOException("no room");
                    }))
        .hasMessage("no room");

    assertThat(directories.claim(metadata)).isEqualTo("liked-0." + NEW);
    List<Path> moved = new ArrayList<>();
    directories.setAsideUnknown(
        paths -> {
          moved.addAll(paths);
          disk.deleteTree(PLAIN);
        });
    assertThat(moved).containsExactly(Path.of("topics/liked-0"));
    assertThat(directories.claim(metadata)).isEqualTo("liked-0");
  }

  private void assertHolds(PartitionStore store, UUID topicId, byte[] segment) throws IOException {
    PartitionReplica replica = store.partition(topicId, 0).orElseThrow();
    assertThat(replica.repair().knownDamage()).isEmpty();
    assertThat(disk.readAll(TOPICS.resolve(replica.directoryName()).resolve(SEGMENT)))
        .isEqualTo(segment);
  }

  private void damage(Path directory) throws IOException {
    disk.writeDurably(directory.resolve(PartitionMetadata.FILE_NAME), new byte[] {1, 2, 3});
  }

  private void apply(PartitionStore store, DataCommand... commands) throws IOException {
    index++;
    store.apply(new Entry(index, 1, 10, DataEntry.encode(List.of(commands))));
  }

  private static CreatePartition create(UUID topicId) {
    return new CreatePartition(topicId, "liked", 0, CONFIG);
  }

  private static Append append(UUID topicId, String value) {
    RecordBatchBuilder batch = new RecordBatchBuilder(Compression.NONE);
    batch.append(1, null, ByteBuffer.wrap(value.getBytes(UTF_8)), List.of());
    return new Append(topicId, 0, batch.build(), Optional.empty());
  }

  private static byte[] checkpoint(PartitionStore store) throws IOException {
    Capture capture = store.capture();
    capture.force();
    byte[] state = capture.state();
    capture.durable();
    return state;
  }

  private PartitionDirectories directories() throws IOException {
    return PartitionDirectories.open(disk, BROKER);
  }

  private PartitionStore open(int group, PartitionDirectories directories, Optional<byte[]> from)
      throws IOException {
    PartitionStore store =
        new PartitionStore(group, disk, directories, new OpenFiles(10), PartitionListener.NONE);
    store.restore(from);
    return store;
  }
}
