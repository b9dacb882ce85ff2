package io.ottla.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RecordBatchBuilderTest {
  private static final ByteBuffer KEY = bytes("u42");
  private static final ByteBuffer VALUE = bytes("{\"post\":99}");

  @Test
  void smallBatchesAreNotCompressed() throws CorruptBatchException {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.LZ4);
    while (builder.uncompressedSizeBytes() <= RecordBatchBuilder.COMPRESS_FROM_BYTES - 40) {
      builder.append(1, KEY, VALUE, List.of());
    }
    int plain = builder.uncompressedSizeBytes();

    RecordBatch batch = RecordBatch.wrap(builder.build());

    assertThat(batch.compression()).isEqualTo(Compression.NONE);
    assertThat(batch.sizeBytes()).isEqualTo(BatchFormat.HEADER_BYTES + plain);
  }

  @Test
  void whatDoesNotShrinkIsNotCompressed() throws CorruptBatchException {
    byte[] noise = new byte[50_000];
    new Random(1).nextBytes(noise);
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.ZSTD);
    builder.append(1, null, ByteBuffer.wrap(noise), List.of());

    assertThat(RecordBatch.wrap(builder.build()).compression()).isEqualTo(Compression.NONE);
  }

  @Test
  void aBuiltBatchStaysAsItIsWhenTheBuilderGoesOn() throws CorruptBatchException {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.LZ4);
    assertThat(builder.append(7, KEY, VALUE, List.of())).isZero();
    assertThat(builder.append(9, null, null, List.of())).isEqualTo(1);

    ByteBuffer first = builder.build();
    assertThat(builder.recordCount()).isZero();
    assertThat(builder.uncompressedSizeBytes()).isZero();
    builder.append(1, null, bytes("other"), List.of());
    RecordBatch second = RecordBatch.wrap(builder.build());

    RecordBatch batch = RecordBatch.wrap(first);
    batch.verifyChecksum();
    assertThat(batch.baseTimestampMs()).isEqualTo(7);
    assertThat(batch.maxTimestampMs()).isEqualTo(9);
    assertThat(batch.records())
        .containsExactly(
            new StoredRecord(0, 7, KEY, VALUE, List.of()),
            new StoredRecord(1, 9, null, null, List.of()));
    assertThat(second.records())
        .containsExactly(new StoredRecord(0, 1, null, bytes("other"), List.of()));
  }

  @Test
  void aRecordsSizeIsNeverUnderstated() {
    long seed = System.nanoTime();
    for (StoredRecord record : new RandomRecords(new Random(seed)).list(500)) {
      RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE);
      builder.append(record.timestampMs(), record.key(), record.value(), record.headers());

      int size = RecordBatchBuilder.recordSizeBytes(record.key(), record.value(), record.headers());

      assertThat(size)
          .as("seed %d", seed)
          .isBetween(builder.uncompressedSizeBytes(), builder.uncompressedSizeBytes() + 21);
    }
  }

  @Test
  void anyTimesComeBack() throws CorruptBatchException {
    long[] times = {0, Long.MAX_VALUE, Long.MIN_VALUE, -1, 1_700_000_000_000L};
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE);
    for (long time : times) {
      builder.append(time, null, null, List.of());
    }

    List<StoredRecord> records = RecordBatch.wrap(builder.build()).records();

    assertThat(records.stream().mapToLong(StoredRecord::timestampMs).toArray()).isEqualTo(times);
  }

  @Test
  void whatCouldNotBeDecodedIsNotBuilt() {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.LZ4);
    ByteBuffer value = ByteBuffer.allocate(RecordBatch.MAX_UNCOMPRESSED_BYTES / 2);
    builder.append(1, null, value, List.of());

    assertThatThrownBy(() -> builder.append(1, null, value, List.of()))
        .isInstanceOf(IllegalStateException.class);
    assertThat(builder.recordCount()).isEqualTo(1);
    assertThatThrownBy(() -> new RecordBatchBuilder(Compression.LZ4).build())
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void appendingAllocatesNothingOnceTheBufferHasGrown() {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.LZ4);
    List<Header> headers = List.of(new Header("h", new byte[] {1}));
    for (int i = 0; i < 20_000; i++) {
      builder.append(i, KEY, VALUE, headers);
    }
    builder.clear();
    long before = allocatedBytes();

    for (int i = 0; i < 20_000; i++) {
      builder.append(i, KEY, VALUE, headers);
    }

    assertThat(allocatedBytes() - before).isLessThan(20_000);
  }

  private static long allocatedBytes() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }
}
