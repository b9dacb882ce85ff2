package io.ottla.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.broker.store.DataCommand;
import io.ottla.broker.store.DataEntry;
import io.ottla.broker.store.DataResult;
import io.ottla.broker.store.DataResults;
import io.ottla.broker.store.PartitionConfig;
import io.ottla.broker.store.PartitionDirectories;
import io.ottla.broker.store.PartitionListener;
import io.ottla.broker.store.PartitionRead;
import io.ottla.broker.store.PartitionReplica;
import io.ottla.broker.store.PartitionStore;
import io.ottla.disk.ForgetfulDisk;
import io.ottla.log.Compression;
import io.ottla.log.OpenFiles;
import io.ottla.log.RecordBatch;
import io.ottla.log.RecordBatchBuilder;
import io.ottla.log.RecordBatches;
import io.ottla.log.SegmentSummary;
import io.ottla.log.StoredRecord;
import io.ottla.replication.Entry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Passes over one replica, against the table that all that was ever written makes. */
class CompactionPassTest {
  private static final UUID TOPIC = new UUID(1, 1);
  private static final Path BROKER = Path.of("/data/broker-1");
  private static final int TOMBSTONES_STAY_MS = 1000;
  private static final int ROOMY = 1 << 20;

  private PartitionStore store;
  private PartitionReplica replica;
  private long index;
  private long nowMs;
  private long cleanOffset;
  private int entries;

  /** Key → value of all that was ever written. */
  private final Map<String, String> table = new HashMap<>();

  /** Offset → key of all that was ever written. */
  private final TreeMap<Long, String> keys = new TreeMap<>();

  @BeforeEach
  void createPartition() throws IOException {
    ForgetfulDisk disk = new ForgetfulDisk();
    store =
        new PartitionStore(
            1,
            disk,
            PartitionDirectories.open(disk, BROKER),
            new OpenFiles(5),
            PartitionListener.NONE);
    store.restore(Optional.empty());
    index = 0;
    nowMs = 0;
    cleanOffset = 0;
    table.clear();
    keys.clear();
    apply(
        new DataCommand.CreatePartition(
            TOPIC, "t", 0, new PartitionConfig(600, Long.MAX_VALUE, -1, -1, true)));
    replica = store.partition(TOPIC, 0).orElseThrow();
  }

  @Test
  void theLatestRecordOfEachKeyStaysAtItsOffset() throws IOException {
    for (int i = 0; i < 60; i++) {
      append("k" + i % 4, "v" + i);
    }
    roll();
    long end = activeOffset();

    pass(ROOMY);

    assertThat(cleanOffset).isEqualTo(end);
    assertThat(readBelow(end).keySet()).containsExactly(56L, 57L, 58L, 59L);
    assertThat(readTable()).isEqualTo(table);
  }

  @Test
  void smallSegmentsBecomeOne() throws IOException {
    for (int i = 0; i < 60; i++) {
      append("k" + i % 4, "v" + i);
    }
    roll();
    pass(ROOMY);
    assertThat(replica.segments()).hasSizeGreaterThan(5);
    append("k0", "again");
    fillAndRoll();

    pass(ROOMY);

    SegmentSummary first = replica.segments().getFirst();
    assertThat(first.baseOffset()).isZero();
    assertThat(first.compactions()).isEqualTo(2);
    assertThat(replica.segments().get(1).baseOffset()).isGreaterThanOrEqualTo(56);
    assertThat(readTable()).isEqualTo(table);
  }

  @Test
  void whatIsCleanIsNotRewritten() throws IOException {
    for (int i = 0; i < 60; i++) {
      append("k" + i, "v" + i);
    }
    roll();
    pass(ROOMY);
    List<SegmentSummary> closed = closedSegments();
    entries = 0;

    pass(ROOMY);
    append("k0", "again");
    roll();
    pass(ROOMY);

    assertThat(entries).as("little is dirty").isZero();
    assertThat(replica.segments().subList(0, closed.size())).isEqualTo(closed);
    fillAndRoll();
    pass(ROOMY);
    assertThat(entries).isPositive();
    assertThat(replica.segments().get(1)).as("it loses nothing").isEqualTo(closed.get(1));
  }

  @Test
  void aTombstoneHidesItsKeyUntilItIsOldAndThenBothAreGone() throws IOException {
    append("k", "old");
    append("other", "x");
    roll();
    append("k", null);
    roll();

    pass(ROOMY);
    assertThat(readBelow(activeOffset()).values()).contains("k=null").doesNotContain("k=old");
    nowMs += TOMBSTONES_STAY_MS + 100;
    fillAndRoll();
    pass(ROOMY);

    assertThat(readBelow(activeOffset()).values())
        .contains("other=x")
        .noneMatch(record -> record.startsWith("k="));
  }

  @Test
  void anOldTombstoneInTheFirstPassTakesTheOlderValueWithIt() throws IOException {
    append("k", "old");
    roll();
    append("k", null);
    roll();
    nowMs += TOMBSTONES_STAY_MS + 100;
    append("later", "x");

    pass(ROOMY);

    assertThat(readTable()).isEqualTo(table).doesNotContainKey("k");
    assertThat(readBelow(activeOffset()).values()).containsExactly("roll=x");
  }

  @Test
  void tombstonesGrowOldHoweverOftenYoungerSegmentsAreJoined() throws IOException {
    append("k", "old");
    append("k", null);
    roll();
    for (int i = 0; i < 60; i++) {
      nowMs += TOMBSTONES_STAY_MS / 20;
      append("busy", "v" + i);
      roll();
      pass(ROOMY);
    }

    assertThat(readBelow(activeOffset()).values()).doesNotContain("k=null");
    assertThat(replica.segments()).hasSizeLessThan(10);
  }

  @Test
  void randomHistoriesNeverShowAnotherTable() throws IOException {
    long seed = System.nanoTime();
    for (int history = 0; history < 30; history++) {
      createPartition();
      try {
        randomHistory(new Random(seed + history));
      } catch (IOException | RuntimeException | AssertionError e) {
        throw new AssertionError("seed %d".formatted(seed + history), e);
      }
    }
  }

  private void randomHistory(Random random) throws IOException {
    int keyCount = 1 + random.nextInt(30);
    for (int step = 0; step < 150; step++) {
      nowMs += random.nextInt(40);
      switch (random.nextInt(20)) {
        case 0, 1 -> {
          int failing = random.nextBoolean() ? Integer.MAX_VALUE : random.nextInt(3);
          pass(random.nextBoolean() ? ROOMY : 10 * LatestOffsets.SLOT_BYTES, failing);
          checkClean();
        }
        case 2 -> cleanOffset = 0; // another leader
        case 3 -> roll();
        default ->
            append(
                "k" + random.nextInt(keyCount),
                random.nextInt(4) == 0 ? null : "v" + random.nextInt(1000));
      }
    }
    nowMs += TOMBSTONES_STAY_MS + 1;
    fillAndRoll();
    long before;
    do {
      before = cleanOffset;
      pass(10 * LatestOffsets.SLOT_BYTES);
    } while (cleanOffset != before);
    checkClean();
  }

  /** No key has two records below the clean offset, and the latest of each is there. */
  private void checkClean() throws IOException {
    Map<Long, String> below = readBelow(cleanOffset);
    Set<String> seen = new HashSet<>();
    for (String record : below.values()) {
      assertThat(seen.add(record.substring(0, record.indexOf('=')))).as(record).isTrue();
    }
    Map<String, Long> latest = new HashMap<>();
    keys.headMap(cleanOffset).forEach((offset, key) -> latest.put(key, offset));
    for (long offset : below.keySet()) {
      assertThat(latest).containsEntry(keys.get(offset), offset);
    }
  }

  private void pass(int memoryBytes) throws IOException {
    pass(memoryBytes, Integer.MAX_VALUE);
  }

  /** A pass whose entry of that number is not applied; after each entry the table is the same. */
  private void pass(int memoryBytes, int failing) throws IOException {
    int[] count = {0};
    CompactionPass pass =
        new CompactionPass(
            replica,
            store.reader(),
            Compression.NONE,
            new CompactionPass.Limits(at -> nowMs - at, TOMBSTONES_STAY_MS, memoryBytes),
            command -> count[0]++ < failing && compact(command));
    cleanOffset = pass.run(cleanOffset);
  }

  private boolean compact(DataCommand.Compact command) {
    try {
      entries++;
      assertThat(apply(command)).isEqualTo(new DataResult.Done());
      assertThat(readTable()).isEqualTo(table);
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void append(String key, String value) throws IOException {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE);
    builder.append(nowMs, bytes(key), value == null ? null : bytes(value), List.of());
    keys.put(replica.endOffset(), key);
    if (value == null) {
      table.remove(key);
    } else {
      table.put(key, value);
    }
    apply(new DataCommand.Append(TOPIC, 0, builder.build(), Optional.empty()));
  }

  /** Closes the active segment. */
  private void roll() throws IOException {
    long segmentBytes = replica.config().segmentBytes();
    configure(1);
    append("roll", "x");
    configure(segmentBytes);
  }

  /** Enough new records that a pass is worth it. */
  private void fillAndRoll() throws IOException {
    long bytes = replica.sizeBytes();
    for (int i = 0; replica.sizeBytes() < 3 * bytes + 200; i++) {
      append("fill", "v" + i);
    }
    roll();
  }

  private void configure(long segmentBytes) throws IOException {
    apply(
        new DataCommand.AlterPartition(
            TOPIC, 0, new PartitionConfig(segmentBytes, Long.MAX_VALUE, -1, -1, true)));
  }

  private DataResult apply(DataCommand command) throws IOException {
    Entry entry = new Entry(++index, 1, nowMs, DataEntry.encode(List.of(command)));
    return DataResults.decode(store.apply(entry)).getFirst();
  }

  private List<SegmentSummary> closedSegments() {
    List<SegmentSummary> segments = replica.segments();
    return segments.subList(0, segments.size() - 1);
  }

  private long activeOffset() {
    return replica.segments().getLast().baseOffset();
  }

  /** The table that a reader makes who reads everything. */
  private Map<String, String> readTable() throws IOException {
    Map<String, String> made = new HashMap<>();
    for (String record : readBelow(replica.endOffset()).values()) {
      int at = record.indexOf('=');
      if (record.endsWith("=null")) {
        made.remove(record.substring(0, at));
      } else {
        made.put(record.substring(0, at), record.substring(at + 1));
      }
    }
    return made;
  }

  private Map<Long, String> readBelow(long nextOffset) throws IOException {
    Map<Long, String> records = new TreeMap<>();
    long offset = 0;
    while (offset < nextOffset) {
      PartitionRead.Batches read =
          (PartitionRead.Batches) store.reader().read(TOPIC, 0, offset, 1000);
      for (RecordBatch batch : RecordBatches.in(read.bytes())) {
        for (StoredRecord record : batch.records()) {
          if (record.offset() < nextOffset) {
            records.put(record.offset(), text(record.key()) + "=" + text(record.value()));
          }
        }
        offset = batch.nextOffset();
      }
    }
    return records;
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(ByteBuffer bytes) {
    return bytes == null ? "null" : StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
  }
}
