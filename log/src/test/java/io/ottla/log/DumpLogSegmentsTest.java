package io.ottla.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.disk.SystemDisk;
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
}
