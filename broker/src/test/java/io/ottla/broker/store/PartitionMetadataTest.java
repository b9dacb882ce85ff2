package io.ottla.broker.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.broker.store.DataCommand.Append;
import io.ottla.broker.store.DataCommand.CreatePartition;
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
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whose a partition's directory is, when the file that says so is damaged or old. */
class PartitionMetadataTest {
  private static final UUID LIKED = new UUID(1, 1);
  private static final PartitionConfig CONFIG = new PartitionConfig(4096, 60_000, -1, -1, false);
  private static final Path BROKER = Path.of("/broker-1");
  private static final Path PLAIN = BROKER.resolve("topics/liked-0");
  private static final Path LONG = BROKER.resolve("topics/liked-0." + LIKED);

  private final Disk disk = new ForgetfulDisk();
  private byte[] checkpoint;
  private byte[] whole;

  @BeforeEach
  void fill() throws IOException {
    PartitionStore store = open(1, directories(), Optional.empty());
    RecordBatchBuilder batch = new RecordBatchBuilder(Compression.NONE);
    batch.append(1, null, ByteBuffer.wrap("a".getBytes(UTF_8)), List.of());
    store.apply(
        new Entry(
            1,
            1,
            10,
            DataEntry.encode(
                List.of(
                    new CreatePartition(LIKED, "liked", 0, CONFIG),
                    new Append(LIKED, 0, batch.build(), Optional.empty())))));
    Capture capture = store.capture();
    capture.force();
    checkpoint = capture.state();
    store.close();
    whole = disk.readAll(PLAIN.resolve(PartitionMetadata.FILE_NAME));
  }

  @Test
  void aFlippedBitIsFoundAndMendedAndNothingIsRemoved() throws IOException {
    for (Path directory : List.of(PLAIN, LONG)) {
      if (directory.equals(LONG)) {
        disk.rename(PLAIN, LONG);
      }
      for (int bit = 0; bit < whole.length * 8; bit++) {
        byte[] damaged = whole.clone();
        damaged[bit / 8] ^= (byte) (1 << bit % 8);
        write(directory, damaged);

        assertServedAndMended(directory, "bit " + bit);
      }
    }
  }

  @Test
  void aFileThatIsCutAnywhereIsMended() throws IOException {
    for (int length = 0; length < whole.length; length++) {
      write(PLAIN, Arrays.copyOf(whole, length));

      assertServedAndMended(PLAIN, "length " + length);
    }
  }

  @Test
  void anOlderBuildsFileWithoutAChecksumIsReadAndWrittenAnew() throws IOException {
    String text = new String(whole, UTF_8);
    byte[] older = text.substring(0, text.indexOf("crc32c: ")).getBytes(UTF_8);
    write(PLAIN, older);

    assertThat(PartitionMetadata.read(disk, PLAIN))
        .contains(new PartitionMetadata(LIKED, "liked", 0, 1, 1L << 16));
    assertServedAndMended(PLAIN, "older");
  }

  @Test
  void aDirectoryThatWasMovedAsideIsMovedBackWithoutItsMetadata() throws IOException {
    Path aside = BROKER.resolve("topics/liked-0." + LIKED + ".deleted");
    disk.rename(PLAIN, aside);
    write(aside, new byte[] {1, 2, 3});

    assertServedAndMended(PLAIN, "moved aside");
  }

  /** Groups whose number is one bit away start first: what is theirs alone would be removed. */
  private void assertServedAndMended(Path directory, String what) throws IOException {
    PartitionDirectories directories = directories();
    for (int group : new int[] {0, 3, 5, 9}) {
      open(group, directories, Optional.empty()).close();
    }
    PartitionStore store = open(1, directories, Optional.of(checkpoint));
    assertThat(store.reader().extent(LIKED, 0).orElseThrow().endOffset()).as(what).isEqualTo(1);
    assertThat(store.reader().extent(LIKED, 0).orElseThrow().sizeBytes()).as(what).isPositive();
    assertThat(store.partitions().iterator().next().repair().knownDamage()).as(what).isEmpty();
    assertThat(disk.readAll(directory.resolve(PartitionMetadata.FILE_NAME)))
        .as(what)
        .isEqualTo(whole);
    store.close();
  }

  private void write(Path directory, byte[] bytes) throws IOException {
    disk.writeDurably(directory.resolve(PartitionMetadata.FILE_NAME), bytes);
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
