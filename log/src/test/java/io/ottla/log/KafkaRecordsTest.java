package io.ottla.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Kafka's own classes read our batches, and we read theirs. */
class KafkaRecordsTest {
  private static final int ROUNDS = 60;

  @ParameterizedTest
  @EnumSource(Compression.class)
  void kafkaDecodesOurBatches(Compression compression) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    boolean compressed = false;
    for (int round = 0; round < ROUNDS; round++) {
      List<StoredRecord> records = new RandomRecords(random).list(1 + random.nextInt(120));

      ByteBuffer ours = RandomRecords.build(compression, records);

      MutableRecordBatch theirs = onlyBatch(ours.duplicate());
      theirs.ensureValid();
      RecordBatch batch = RecordBatch.wrap(ours);
      batch.verifyChecksum();
      assertThat(theirs.compressionType().id).isEqualTo((byte) batch.compression().id());
      assertThat(theirs.maxTimestamp()).isEqualTo(batch.maxTimestampMs());
      assertThat(theirs.baseOffset()).isZero();
      assertThat(theirs.lastOffset()).isEqualTo(records.size() - 1L);
      assertThat(theirs.partitionLeaderEpoch()).isEqualTo(-1);
      assertThat(theirs.producerId()).isEqualTo(-1);
      assertThat(theirs.producerEpoch()).isEqualTo((short) -1);
      assertThat(theirs.baseSequence()).isEqualTo(-1);
      assertThat(describe(decodedByKafka(theirs)))
          .as("seed %d round %d", seed, round)
          .isEqualTo(describe(records));
      assertThat(describe(batch.records())).as("seed %d", seed).isEqualTo(describe(records));
      compressed |= batch.compression() == compression;
    }
    assertThat(compressed).isTrue();
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void weDecodeKafkasBatches(Compression compression) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      List<StoredRecord> records = new RandomRecords(random).list(1 + random.nextInt(120));

      RecordBatch batch = RecordBatch.wrap(builtByKafka(compression, records));

      batch.verifyChecksum();
      assertThat(batch.compression()).isEqualTo(compression);
      assertThat(batch.recordCount()).isEqualTo(records.size());
      assertThat(describe(batch.records()))
          .as("seed %d round %d", seed, round)
          .isEqualTo(describe(records));
    }
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void batchesOfManyBlocksGoBothWays(Compression compression) throws Exception {
    List<StoredRecord> records = new ArrayList<>();
    Random random = new Random(5);
    for (int i = 0; i < 3_000; i++) {
      byte[] value =
          ("{\"place\":\"" + random.nextInt(50) + " km\",\"n\":" + i + "}")
              .repeat(8)
              .getBytes(StandardCharsets.UTF_8);
      records.add(new StoredRecord(i, 1000 + i, null, ByteBuffer.wrap(value), List.of()));
    }

    ByteBuffer ours = RandomRecords.build(compression, records);
    ByteBuffer theirs = builtByKafka(compression, records);

    assertThat(describe(decodedByKafka(onlyBatch(ours)))).isEqualTo(describe(records));
    assertThat(describe(RecordBatch.wrap(theirs).records())).isEqualTo(describe(records));
  }

  private static MutableRecordBatch onlyBatch(ByteBuffer bytes) {
    List<MutableRecordBatch> batches = new ArrayList<>();
    MemoryRecords.readableRecords(bytes).batches().forEach(batches::add);
    assertThat(batches).hasSize(1);
    return batches.getFirst();
  }

  private static List<StoredRecord> decodedByKafka(MutableRecordBatch batch) {
    List<StoredRecord> records = new ArrayList<>();
    for (Record record : batch) {
      List<Header> headers =
          Arrays.stream(record.headers()).map(h -> new Header(h.key(), h.value())).toList();
      records.add(
          new StoredRecord(
              record.offset(), record.timestamp(), record.key(), record.value(), headers));
    }
    return records;
  }

  private static ByteBuffer builtByKafka(Compression compression, List<StoredRecord> records) {
    var type = org.apache.kafka.common.record.internal.CompressionType.forId(compression.id());
    var builder =
        MemoryRecords.builder(
            ByteBuffer.allocate(1024),
            org.apache.kafka.common.compress.Compression.of(type).build(),
            TimestampType.CREATE_TIME,
            0);
    for (StoredRecord record : records) {
      RecordHeader[] headers =
          record.headers().stream()
              .map(h -> new RecordHeader(h.name(), h.value()))
              .toArray(RecordHeader[]::new);
      builder.append(record.timestampMs(), record.key(), record.value(), headers);
    }
    return builder.build().buffer();
  }

  /** Everything about records, comparable. */
  private static List<String> describe(List<StoredRecord> records) {
    return records.stream()
        .map(
            r ->
                "%d@%d %s=%s %s"
                    .formatted(
                        r.offset(),
                        r.timestampMs(),
                        hex(r.key()),
                        hex(r.value()),
                        r.headers().stream().map(h -> h.name() + "=" + hex(h.value())).toList()))
        .toList();
  }

  private static String hex(ByteBuffer bytes) {
    if (bytes == null) {
      return "null";
    }
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(bytes.position(), copy);
    return hex(copy);
  }

  private static String hex(byte[] bytes) {
    return bytes == null ? "null" : java.util.HexFormat.of().formatHex(bytes);
  }
}
