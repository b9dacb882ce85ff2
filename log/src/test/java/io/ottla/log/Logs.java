package io.ottla.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.disk.Disk;
import io.ottla.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongPredicate;

/** What the tests of a log ask it. */
final class Logs {
  private Logs() {}

  /** "offset=value" of every record from the start to the end, read {@code maxBytes} at a time. */
  static List<String> readAll(PartitionLog log, int maxBytes) throws IOException {
    List<String> values = new ArrayList<>();
    long offset = log.startOffset();
    while (true) {
      ReadResult.Batches batches = (ReadResult.Batches) log.read(offset, maxBytes);
      if (!batches.bytes().hasRemaining()) {
        assertThat(offset).isEqualTo(log.endOffset());
        return values;
      }
      assertThat(batches.endOffset()).isEqualTo(log.endOffset());
      for (RecordBatch batch : RecordBatches.in(batches.bytes())) {
        for (StoredRecord record : batch.records()) {
          if (record.offset() >= offset) {
            values.add(record.offset() + "=" + text(record.value()));
          }
        }
        offset = batch.nextOffset();
      }
    }
  }

  /**
   * Compacts {@code count} segments from {@code first} on.
   *
   * @param kept which offsets stay
   */
  static boolean compact(
      PartitionLog log, int first, int count, Compression compression, LongPredicate kept)
      throws IOException {
    List<SegmentSummary> segments = log.segments();
    long firstBaseOffset = segments.get(first).baseOffset();
    long nextOffset = segments.get(first + count).baseOffset();
    KeptOffsets.Builder builder = new KeptOffsets.Builder(firstBaseOffset);
    for (long offset = firstBaseOffset; offset < nextOffset; offset++) {
      if (kept.test(offset)) {
        builder.keep(offset);
      } else {
        assertThat(builder.remove(offset)).isTrue();
      }
    }
    return log.compact(new Compaction(firstBaseOffset, nextOffset, compression, builder.build()));
  }

  static String text(ByteBuffer bytes) {
    return bytes == null ? "null" : StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
  }

  static ByteBuffer batch(long timestampMs, String... values) {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE);
    for (String value : values) {
      builder.append(
          timestampMs, null, ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8)), List.of());
    }
    return builder.build();
  }

  /** Puts other bytes where a file is or was. */
  static void overwrite(Disk disk, Path path, byte[] bytes) throws IOException {
    disk.delete(path);
    try (DiskFile file = disk.open(path, Disk.OpenMode.CREATE)) {
      file.write(ByteBuffer.wrap(bytes), 0);
    }
  }

  /** The bytes of a directory's files, by name. */
  static Map<String, ByteBuffer> files(Disk disk, Path directory, String suffix)
      throws IOException {
    Map<String, ByteBuffer> files = new TreeMap<>();
    for (Path path : disk.list(directory)) {
      String name = path.getFileName().toString();
      if (name.endsWith(suffix)) {
        files.put(name, ByteBuffer.wrap(disk.readAll(path)));
      }
    }
    return files;
  }
}
