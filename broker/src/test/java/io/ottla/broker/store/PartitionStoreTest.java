package io.ottla.broker.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ottla.broker.store.DataCommand.AlterPartition;
import io.ottla.broker.store.DataCommand.Append;
import io.ottla.broker.store.DataCommand.Compact;
import io.ottla.broker.store.DataCommand.CreatePartition;
import io.ottla.broker.store.DataCommand.DropPartition;
import io.ottla.broker.store.DataCommand.TrimFront;
import io.ottla.disk.SystemDisk;
import io.ottla.groups.CommittedOffset;
import io.ottla.groups.GroupRecord;
import io.ottla.groups.GroupRecordJson;
import io.ottla.groups.TopicPartition;
import io.ottla.log.Compaction;
import io.ottla.log.Compression;
import io.ottla.log.KeptOffsets;
import io.ottla.log.OpenFiles;
import io.ottla.log.RecordBatchBuilder;
import io.ottla.metadata.Names;
import io.ottla.metadata.TopicConfig;
import io.ottla.replication.Entry;
import io.ottla.replication.ReplicatedState.Capture;
import io.ottla.replication.ReplicatedState.LostReplicaException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartitionStoreTest {
  private static final UUID LIKED = new UUID(1, 1);
  private static final UUID OFFSETS = new UUID(2, 2);
  private static final PartitionConfig CONFIG = new PartitionConfig(4096, 60_000, -1, -1, false);

  @TempDir Path broker;
  private final SystemDisk disk = new SystemDisk();
  private final List<String> heard = new ArrayList<>();
  private PartitionStore store;
  private long index;

  @BeforeEach
  void openStore() throws IOException {
    store = open(Optional.empty());
  }

  private PartitionStore open(Optional<byte[]> checkpoint) throws IOException {
    PartitionListener listener =
        new PartitionListener() {
          @Override
          public void appended(UUID topicId, int partition, long endOffset) {
            heard.add(partition + " to " + endOffset);
          }

          @Override
          public void dropped(UUID topicId, int partition) {
            heard.add(partition + " dropped");
          }
        };
    PartitionStore opened =
        new PartitionStore(
            1, disk, PartitionDirectories.open(disk, broker), new OpenFiles(10), listener);
    opened.restore(checkpoint);
    return opened;
  }

  @Test
  void aPartitionIsADirectoryWithKafkasMetadataFile() throws IOException {
    apply(new CreatePartition(LIKED, "liked", 0, CONFIG));

    Path directory = broker.resolve("topics/liked-0");
    assertThat(directory.resolve("00000000000000000000.log")).exists();
    assertThat(directory.resolve("partition.metadata"))
        .hasContent(
            """
            version: 0
            topic_id: AAAAAAAAAAEAAAAAAAAAAQ
            group: 1
            partition: 0
            topic: liked
            incarnation: 65536
            crc32c: 874c5304
            """);
    assertThat(store.ownedDirectories()).containsExactly(Path.of("topics/liked-0"));
    assertThat(Uuid.fromString("AAAAAAAAAAEAAAAAAAAAAQ")).isEqualTo(new Uuid(1, 1));
  }

  @Test
  void aMissingPartitionFailsItsOwnBatchOnly() throws IOException {
    apply(new CreatePartition(LIKED, "liked", 0, CONFIG));

    List<DataResult> results =
        apply(append(LIKED, 1, "x"), append(LIKED, 0, "a", "b"), append(LIKED, 0, "c"));

    assertThat(results)
        .containsExactly(
            new DataResult.NoSuchPartition(),
            new DataResult.Appended(0),
            new DataResult.Appended(2));
    assertThat(heard).containsExactly("0 to 0", "0 to 2", "0 to 3");
  }

  @Test
  void whatIsNotABatchIsAnsweredSoAndHarmsNothing() throws IOException {
    apply(new CreatePartition(LIKED, "liked", 0, CONFIG));
    ByteBuffer cut = batch("a").slice(0, 60);

    List<DataResult> results =
        apply(
            new Append(LIKED, 0, ByteBuffer.allocate(0), Optional.empty()),
            new Append(LIKED, 0, cut, Optional.empty()),
            append(LIKED, 0, "a"));

    assertThat(results)
        .containsExactly(
            new DataResult.InvalidBatch(),
            new DataResult.InvalidBatch(),
            new DataResult.Appended(0));
  }

  @Test
  void creatingAgainChangesNothing() throws IOException {
    apply(new CreatePartition(LIKED, "liked", 0, CONFIG));
    apply(append(LIKED, 0, "a"));

    apply(new CreatePartition(LIKED, "liked", 0, CONFIG));

    assertThat(extent(LIKED).endOffset()).isEqualTo(1);
  }

  @Test
  void aDroppedPartitionsFilesStayUntilACheckpointWithoutIt() throws IOException {
    apply(new CreatePartition(LIKED, "liked", 0, CONFIG), append(LIKED, 0, "old"));
    Capture before = store.capture();
    UUID again = new UUID(3, 3);

    apply(new DropPartition(LIKED, 0));
    apply(new CreatePartition(again, "liked", 0, CONFIG));

    Path aside = broker.resolve("topics/liked-0." + LIKED + ".deleted");
    assertThat(aside.resolve("00000000000000000000.log")).exists();
    assertThat(broker.resolve("topics/liked-0")).exists();
    before.force();
    before.durable();
    assertThat(aside).exists();
    checkpoint();
    assertThat(aside).doesNotExist();
    assertThat(store.reader().read(LIKED, 0, 0, 100))
        .isEqualTo(new PartitionRead.NoSuchPartition());
    assertThat(extent(again).endOffset()).isZero();
    assertThat(heard).endsWith("0 dropped", "0 to 0");
  }

  @Test
  void aRestoreTakesADropBack() throws IOException {
    apply(new CreatePartition(LIKED, "liked", 0, CONFIG), append(LIKED, 0, "old"));
    byte[] checkpoint = checkpoint();
    apply(append(LIKED, 0, "later"), new DropPartition(LIKED, 0));
    apply(new CreatePartition(new UUID(3, 3), "liked", 0, CONFIG));
    store.close();

    store = open(Optional.of(checkpoint));

    assertThat(store.partitions()).hasSize(1);
    assertThat(extent(LIKED).endOffset()).isEqualTo(1);
    assertThat(store.capture().state()).isEqualTo(checkpoint);
    assertThat(store.ownedDirectories()).containsExactly(extent(LIKED).directory());
  }

  @Test
  void damagedMetadataIsWrittenAnewAndAMissingDirectoryIsALostReplica() throws IOException {
    apply(new CreatePartition(LIKED, "liked", 0, CONFIG), append(LIKED, 0, "a"));
    byte[] checkpoint = checkpoint();
    store.close();
    Path metadata = broker.resolve("topics/liked-0/partition.metadata");
    byte[] whole = Files.readAllBytes(metadata);
    Files.write(metadata, new byte[] {1, 2, 3});

    store = open(Optional.of(checkpoint));

    assertThat(extent(LIKED).endOffset()).isEqualTo(1);
    assertThat(metadata).hasBinaryContent(whole);
    store.close();
    disk.deleteTree(broker.resolve("topics/liked-0"));
    assertThatThrownBy(() -> open(Optional.of(checkpoint)))
        .isInstanceOf(LostReplicaException.class)
        .hasMessageContaining("liked-0");
  }

  @Test
  void theLongestTopicNameFitsTheFileSystem() throws IOException {
    String name = "t".repeat(249);
    apply(new CreatePartition(LIKED, name, 999, CONFIG));
    apply(new CreatePartition(new UUID(5, 5), name, 999, CONFIG));
    apply(new DropPartition(LIKED, 999), new DropPartition(new UUID(5, 5), 999));

    assertThat(store.ownedDirectories()).hasSize(2);
    checkpoint();
    assertThat(store.ownedDirectories()).isEmpty();
  }

  @Test
  void alteringAndTrimmingFollowTheCommands() throws IOException {
    PartitionConfig small = new PartitionConfig(100, 60_000, 1000, -1, false);
    apply(new CreatePartition(LIKED, "liked", 0, CONFIG));
    apply(new AlterPartition(LIKED, 0, small));
    for (int i = 0; i < 5; i++) {
      apply(append(LIKED, 0, "v" + i));
    }

    apply(new TrimFront(LIKED, 0, 3));
    assertThat(extent(LIKED).startOffset()).isEqualTo(3);
    apply(new TrimFront(LIKED, 0, 1), new TrimFront(LIKED, 0, 99));

    PartitionReplica replica = store.partition(LIKED, 0).orElseThrow();
    assertThat(replica.config()).isEqualTo(small);
    assertThat(replica.startOffset()).isEqualTo(5);
    assertThat(store.reader().read(LIKED, 0, 4, 100)).isEqualTo(new PartitionRead.OutOfRange(5, 5));
    apply(append(LIKED, 0, "v5"));
    assertThat(replica.retentionFront(at -> index * 10 + 900 - at)).isEmpty();
    assertThat(replica.retentionFront(at -> index * 10 + 1100 - at)).hasValue(6);
  }

  @Test
  void aCompactedPartitionKeepsItsOldestRecordsWhateverTheRetention() throws IOException {
    PartitionConfig compacted = new PartitionConfig(100, 60_000, 1000, 1, true);
    apply(new CreatePartition(LIKED, "liked", 0, compacted));
    for (int i = 0; i < 5; i++) {
      apply(append(LIKED, 0, "v" + i));
    }
    PartitionReplica replica = store.partition(LIKED, 0).orElseThrow();

    assertThat(replica.retentionFront(at -> Long.MAX_VALUE / 2 - at)).isEmpty();

    apply(new AlterPartition(LIKED, 0, new PartitionConfig(100, 60_000, 1000, 1, false)));
    assertThat(replica.retentionFront(at -> Long.MAX_VALUE / 2 - at)).hasValue(5);
  }

  @Test
  void onlyACompactedPartitionIsCompacted() throws IOException {
    PartitionConfig small = new PartitionConfig(100, 60_000, -1, -1, false);
    apply(new CreatePartition(LIKED, "liked", 0, small));
    for (int i = 0; i < 5; i++) {
      apply(append(LIKED, 0, "v" + i));
    }
    PartitionReplica replica = store.partition(LIKED, 0).orElseThrow();
    long to = replica.segments().getLast().baseOffset();
    KeptOffsets.Builder kept = new KeptOffsets.Builder(0);
    kept.remove(0);
    Compaction compaction = new Compaction(0, to, Compression.NONE, kept.build());

    assertThat(apply(new Compact(LIKED, 0, compaction), new Compact(LIKED, 1, compaction)))
        .containsExactly(new DataResult.NotCompacted(), new DataResult.NoSuchPartition());
    assertThat(replica.segments()).hasSizeGreaterThan(2);
    apply(new AlterPartition(LIKED, 0, new PartitionConfig(100, 60_000, -1, -1, true)));
    assertThat(apply(new Compact(LIKED, 0, compaction), new Compact(LIKED, 0, compaction)))
        .containsExactly(new DataResult.Done(), new DataResult.Done());
    assertThat(replica.segments()).hasSize(2);
    assertThat(replica.segments().getFirst().compactions()).isEqualTo(2);
  }

  @Test
  void damageThatACompactionMeetsLosesTheReplica() throws IOException {
    apply(
        new CreatePartition(LIKED, "liked", 0, new PartitionConfig(100, 60_000, -1, -1, true)),
        append(LIKED, 0, "a"),
        append(LIKED, 0, "b"));
    PartitionReplica replica = store.partition(LIKED, 0).orElseThrow();
    long to = replica.segments().getLast().baseOffset();
    Path file = broker.resolve("topics/liked-0/00000000000000000000.log");
    byte[] bytes = Files.readAllBytes(file);
    bytes[65] ^= 4;
    Files.write(file, bytes);
    KeptOffsets everything = new KeptOffsets.Builder(0).build();

    assertThatThrownBy(
            () -> apply(new Compact(LIKED, 0, new Compaction(0, to, Compression.NONE, everything))))
        .isInstanceOf(LostReplicaException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void segmentsOfCompactedPartitionsAreSmall() {
    TopicConfig large = new TopicConfig(-1, -1, 128 << 20, "none", "compact", 1000);
    TopicConfig small = new TopicConfig(-1, -1, 4096, "none", "compact", 1000);

    assertThat(PartitionConfig.of(large).segmentBytes()).isEqualTo(16 << 20);
    assertThat(PartitionConfig.of(small).segmentBytes()).isEqualTo(4096);
    assertThat(PartitionConfig.of(TopicConfig.withRetention(1)).segmentBytes())
        .isEqualTo(TopicConfig.DEFAULT_SEGMENT_BYTES);
  }

  @Test
  void timesAreLookedUp() throws IOException {
    apply(new CreatePartition(LIKED, "liked", 0, CONFIG), append(LIKED, 0, "a", "b"));

    assertThat(store.reader().offsetForTimestamp(LIKED, 0, 1)).isEqualTo(new OffsetLookup.Found(1));
    assertThat(store.reader().offsetForTimestamp(LIKED, 0, 9))
        .isEqualTo(new OffsetLookup.NoneYet(2));
    assertThat(store.reader().offsetForTimestamp(LIKED, 7, 9))
        .isEqualTo(new OffsetLookup.NoSuchPartition());
  }

  @Test
  void recordsOfTheOffsetsTopicBecomeGroupsAndSurviveARestore() throws IOException {
    TopicPartition partition = new TopicPartition(LIKED, 0);
    CommittedOffset offset = new CommittedOffset("liked", 18, 3, "", 99, Map.of());
    GroupRecord record = new GroupRecord.OffsetSet("g1", partition, offset);
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.LZ4);
    builder.append(
        0, GroupRecordJson.key(record), GroupRecordJson.value(record).orElseThrow(), List.of());
    apply(new CreatePartition(OFFSETS, Names.CONSUMER_OFFSETS, 0, CONFIG));

    apply(new Append(OFFSETS, 0, builder.build(), Optional.empty()));

    assertThat(store.groups().group("g1").orElseThrow().offset(partition)).hasValue(offset);
    byte[] checkpoint = checkpoint();
    store.close();
    store = open(Optional.of(checkpoint));
    assertThat(store.groups().group("g1").orElseThrow().offset(partition)).hasValue(offset);
  }

  @Test
  void anotherGroupsDirectoriesAreLeftAlone() throws IOException {
    apply(new CreatePartition(LIKED, "liked", 0, CONFIG), append(LIKED, 0, "mine"));
    PartitionDirectories directories = PartitionDirectories.open(disk, broker);
    PartitionStore other =
        new PartitionStore(2, disk, directories, new OpenFiles(10), PartitionListener.NONE);

    other.restore(Optional.empty());

    assertThat(other.ownedDirectories()).isEmpty();
    assertThat(extent(LIKED).endOffset()).isEqualTo(1);
    other.close();
  }

  private PartitionReader.Extent extent(UUID topicId) {
    return store.reader().extent(topicId, 0).orElseThrow();
  }

  private byte[] checkpoint() throws IOException {
    Capture capture = store.capture();
    capture.force();
    byte[] state = capture.state();
    capture.durable();
    return state;
  }

  private List<DataResult> apply(DataCommand... commands) throws IOException {
    index++;
    Entry entry = new Entry(index, 1, index * 10, DataEntry.encode(List.of(commands)));
    return DataResults.decode(store.apply(entry));
  }

  private static Append append(UUID topicId, int partition, String... values) {
    return new Append(topicId, partition, batch(values), Optional.empty());
  }

  /** One record per value; the first one's time is 0, the next one's 1, and so on. */
  private static ByteBuffer batch(String... values) {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE);
    for (int i = 0; i < values.length; i++) {
      byte[] value = values[i].getBytes(StandardCharsets.UTF_8);
      builder.append(i, null, ByteBuffer.wrap(value), List.of());
    }
    return builder.build();
  }
}
