package io.ottla.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.disk.SystemDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kafka's own tool finds nothing wrong with our segments and indexes. */
class DumpLogSegmentsTest {
  private static final LogConfig CONFIG = new LogConfig(60_000, 3_600_000, 1_000);

  private static final List<Compression> COMPRESSIONS = List.of(Compression.values());

  @TempDir private Path temp;
  private Path directory;

  @BeforeEach
  void fill() throws Exception {
    directory = temp.resolve("liked-0");
    Random random = new Random(11);
    RandomRecords records = new RandomRecords(random);
    try (PartitionLog log =
        PartitionLog.create(new SystemDisk(), directory, CONFIG, new OpenFiles(4))) {
      for (int i = 0; i < 200; i++) {
        Compression compression = COMPRESSIONS.get(random.nextInt(COMPRESSIONS.size()));
        log.append(
            RandomRecords.build(compression, records.list(1 + random.nextInt(30))), i / 50, i);
      }
      LogCapture capture = log.capture();
      capture.force();
      assertThat(log.segments()).hasSizeGreaterThan(3);
    }
  }

  @Test
  void everyRecordOfEverySegmentIsValid() throws Exception {
    String printed =
        KafkaLogTool.dump(directory, List.of(".log"), "--deep-iteration", "--print-data-log");

    assertThat(printed.lines().filter(line -> line.contains("isvalid: true")).count())
        .isEqualTo(200);
    assertThat(KafkaLogTool.faults(printed)).isEmpty();
  }

  @Test
  void everyIndexEntryFitsItsBatch() throws Exception {
    String printed = KafkaLogTool.dump(directory, List.of(".index", ".timeindex"));

    assertThat(printed).contains("position: ").contains("timestamp: ");
    assertThat(printed)
        .doesNotContain("Mismatch")
        .doesNotContain("Found")
        .doesNotContain("Index timestamp mismatch");
    System.err.println(printed.substring(0, Math.min(3000, printed.length())));
  }

  @Test
  void everyIndexPassesKafkasSanityCheck() throws Exception {
    String printed =
        KafkaLogTool.dump(directory, List.of(".index", ".timeindex"), "--index-sanity-check");

    assertThat(printed.lines().filter(line -> line.contains("passed sanity check")).count())
        .isGreaterThan(7);
  }

  @Test
  void compactedSegmentsAndTheirIndexesAreValidToo() throws Exception {
    Path compacted = temp.resolve("compacted-0");
    int batches = 0;
    try (PartitionLog log =
        PartitionLog.create(new SystemDisk(), compacted, CONFIG, new OpenFiles(4))) {
      RandomRecords records = new RandomRecords(new Random(12));
      for (int i = 0; i < 200; i++) {
        log.append(RandomRecords.build(Compression.LZ4, records.list(20)), i / 5, i);
      }
      int closed = log.segments().size() - 1;
      assertThat(Logs.compact(log, 0, 1, Compression.NONE, offset -> false)).isTrue();
      assertThat(Logs.compact(log, 1, closed - 2, Compression.ZSTD, offset -> offset % 50 < 20))
          .isTrue();
      LogCapture capture = log.capture();
      capture.force();
      capture.removeDoomed();
      for (long offset = 0; offset < log.endOffset(); ) {
        for (RecordBatch batch :
            RecordBatches.in(((ReadResult.Batches) log.read(offset, 1 << 20)).bytes())) {
          offset = batch.nextOffset();
          batches++;
        }
      }
    }

    String printed =
        KafkaLogTool.dump(compacted, List.of(".log"), "--deep-iteration", "--print-data-log");
    assertThat(printed).contains("count: 0 ").contains(".1.log");
    assertThat(printed.lines().filter(line -> line.contains("isvalid: true"))).hasSize(batches);
    // Record by record, the tool remarks on every gap, as it does with Kafka's own compacted logs.
    assertThat(KafkaLogTool.faults(printed))
        .allMatch(line -> line.contains(" is followed by "))
        .hasSizeGreaterThan(20);
    assertThat(KafkaLogTool.faults(KafkaLogTool.dump(compacted, List.of(".log")))).isEmpty();
    // The tool looks for an index's segment under the plain name.
    Path plain = Files.createDirectory(temp.resolve("plain-0"));
    try (var files = Files.list(compacted)) {
      for (Path file : files.toList()) {
        Files.copy(file, plain.resolve(file.getFileName().toString().replace(".1.", ".")));
      }
    }
    String indexes = KafkaLogTool.dump(plain, List.of(".index", ".timeindex"));
    assertThat(indexes).contains("position: ").contains("timestamp: ");
    assertThat(KafkaLogTool.faults(indexes)).isEmpty();
    assertThat(indexes).doesNotContain("Mismatch").doesNotContain("not found");
  }
}
