package io.ottla.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.disk.ForgetfulDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.Test;

/** Random records, compactions, trims and restores against a sorted map of records. */
class RandomCompactionTest {
  private static final Path LOG = Path.of("/broker/liked-0");
  private static final int HISTORIES = 25;
  private static final int STEPS = 60;
  private static final List<Compression> COMPRESSIONS = List.of(Compression.values());

  @Test
  void whatStaysIsWhatTheModelHas() throws IOException {
    long seed = System.nanoTime();
    for (int history = 0; history < HISTORIES; history++) {
      try {
        new History(new Random(seed + history)).run();
      } catch (IOException | RuntimeException | AssertionError e) {
        throw new AssertionError("seed %d".formatted(seed + history), e);
      }
    }
  }

  private static final class History {
    private final Random random;
    private final RandomRecords shapes;
    private final LogConfig config;
    private final ForgetfulDisk disk = new ForgetfulDisk();
    private final ForgetfulDisk otherDisk = new ForgetfulDisk();
    private final OpenFiles openFiles = new OpenFiles(2);
    private final TreeMap<Long, StoredRecord> model = new TreeMap<>();
    private final PartitionLog other;
    private PartitionLog log;
    private int epoch;

    History(Random random) throws IOException {
      this.random = random;
      this.shapes = new RandomRecords(random);
      this.config = new LogConfig(300 + random.nextInt(4000), 1_000_000, 150);
      this.log = PartitionLog.create(disk, LOG, config, openFiles);
      this.other = PartitionLog.create(otherDisk, LOG, config, new OpenFiles(50));
    }

    void run() throws IOException {
      int compacted = 0;
      for (int step = 0; step < STEPS; step++) {
        switch (random.nextInt(12)) {
          case 0 -> trim();
          case 1, 2, 3 -> compacted += compact();
          case 4 -> restore();
          case 5 -> epoch++;
          default -> append(step);
        }
        if (step % 6 == 0) {
          check();
        }
      }
      check();
      assertThat(compacted).isPositive();
      log.close();
      other.close();
    }

    private void append(int timeMs) throws IOException {
      List<StoredRecord> records = shapes.list(1 + random.nextInt(8));
      ByteBuffer batch = RandomRecords.build(compression(), records);
      long baseOffset = log.append(batch, epoch, timeMs);
      assertThat(other.append(batch, epoch, timeMs)).isEqualTo(baseOffset);
      for (StoredRecord record : RecordBatch.wrap(batch).records()) {
        long offset = baseOffset + record.offset();
        model.put(
            offset,
            new StoredRecord(
                offset, record.timestampMs(), record.key(), record.value(), record.headers()));
      }
    }

    private void trim() throws IOException {
      long room = log.endOffset() - log.startOffset();
      long front = log.startOffset() + random.nextLong(room / 3 + 1);
      log.trimFront(front);
      other.trimFront(front);
      model.headMap(front).clear();
    }

    private int compact() throws IOException {
      int closed = log.segments().size() - 1;
      if (closed == 0) {
        return 0;
      }
      int first = random.nextInt(closed);
      int count = 1 + random.nextInt(closed - first);
      LongPredicate kept = random.nextBoolean() ? latestPerKey() : anyOf(random.nextLong());
      Compression compression = compression();
      long from = log.segments().get(first).baseOffset();
      long to = log.segments().get(first + count).baseOffset();
      assertThat(Logs.compact(log, first, count, compression, kept)).isTrue();
      assertThat(Logs.compact(other, first, count, compression, kept)).isTrue();
      model.subMap(from, to).keySet().removeIf(offset -> !kept.test(offset));
      return 1;
    }

    private LongPredicate latestPerKey() {
      Map<ByteBuffer, Long> latest = new HashMap<>();
      for (StoredRecord record : model.values()) {
        if (record.key() != null) {
          latest.put(record.key(), record.offset());
        }
      }
      return offset -> {
        StoredRecord record = model.get(offset);
        return record == null || record.key() == null || latest.get(record.key()) == offset;
      };
    }

    private static LongPredicate anyOf(long salt) {
      int most = Math.floorMod(salt, 5);
      return offset -> new Random(salt + offset).nextInt(4) < most;
    }

    private void restore() throws IOException {
      LogCapture capture = log.capture();
      capture.force();
      if (random.nextBoolean()) {
        capture.removeDoomed();
      }
      log.close();
      if (random.nextBoolean()) {
        for (Path file : disk.list(LOG)) {
          if (file.toString().endsWith("index")) {
            disk.delete(file);
          }
        }
      }
      log = PartitionLog.restore(disk, LOG, config, openFiles, capture.checkpoint());
    }

    private void check() throws IOException {
      assertThat(log.capture().checkpoint()).isEqualTo(other.capture().checkpoint());
      List<SegmentSummary> segments = log.segments();
      for (SegmentSummary segment : segments) {
        Path file = LOG.resolve(SegmentNames.name(segment, SegmentNames.LOG));
        assertThat(Arrays.copyOf(disk.readAll(file), (int) segment.sizeBytes()))
            .isEqualTo(otherDisk.readAll(file));
      }
      assertThat(texts(read(log.startOffset(), 1 + random.nextInt(5000))))
          .isEqualTo(texts(model.values()));
      long from = log.startOffset() + random.nextLong(log.endOffset() - log.startOffset() + 1);
      assertThat(texts(read(from, 500))).isEqualTo(texts(model.tailMap(from).values()));
      long aTime = 1_700_000_000_000L + random.nextInt(6000) - 1000;
      assertThat(log.offsetForTimestamp(aTime)).isEqualTo(firstAtOrAfter(aTime));
    }

    private OptionalLong firstAtOrAfter(long timeMs) {
      return model.values().stream()
          .filter(record -> record.timestampMs() >= timeMs)
          .mapToLong(StoredRecord::offset)
          .findFirst();
    }

    /** Records from an offset on; batches must tile the offsets. */
    private List<StoredRecord> read(long from, int maxBytes) throws IOException {
      List<StoredRecord> records = new ArrayList<>();
      long offset = from;
      while (offset < log.endOffset()) {
        ReadResult.Batches read = (ReadResult.Batches) log.read(offset, maxBytes);
        boolean first = true;
        for (RecordBatch batch : RecordBatches.in(read.bytes())) {
          if (first) {
            assertThat(batch.baseOffset()).isLessThanOrEqualTo(offset);
          } else {
            assertThat(batch.baseOffset()).isEqualTo(offset);
          }
          first = false;
          batch.verifyChecksum();
          for (StoredRecord record : batch.records()) {
            if (record.offset() >= from) {
              records.add(record);
            }
          }
          assertThat(batch.nextOffset()).isGreaterThan(offset);
          offset = batch.nextOffset();
        }
      }
      return records;
    }

    /** All of each record, headers too, which are arrays. */
    private static List<String> texts(Collection<StoredRecord> records) {
      return records.stream()
          .map(
              record ->
                  "%d %d %s %s %s"
                      .formatted(
                          record.offset(),
                          record.timestampMs(),
                          hex(record.key()),
                          hex(record.value()),
                          record.headers().stream()
                              .map(header -> header.name() + Arrays.toString(header.value()))
                              .toList()))
          .toList();
    }

    private static String hex(ByteBuffer bytes) {
      if (bytes == null) {
        return "null";
      }
      byte[] copy = new byte[bytes.remaining()];
      bytes.duplicate().get(copy);
      return HexFormat.of().formatHex(copy) + ".";
    }

    private Compression compression() {
      return COMPRESSIONS.get(random.nextInt(COMPRESSIONS.size()));
    }
  }
}
