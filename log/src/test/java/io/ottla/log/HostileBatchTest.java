package io.ottla.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xerial.snappy.Snappy;

/** Batches made to hurt: a clear exception, never more memory than the bound. */
class HostileBatchTest {
  private static final int BOMB_BYTES = RecordBatch.MAX_UNCOMPRESSED_BYTES + 1;

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE", value = Compression.class)
  void aBatchThatUnpacksBeyondTheBoundIsRefused(Compression compression) throws Exception {
    GrowingBytes bomb = new GrowingBytes(1024, Integer.MAX_VALUE);
    Codec.of(compression).compress(new byte[BOMB_BYTES], 0, BOMB_BYTES, bomb);

    RecordBatch batch = batchAround(compression, bomb.view(), 5);

    batch.verifyChecksum();
    assertThatThrownBy(batch::records).isInstanceOf(CorruptBatchException.class);
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void garbageIsRefusedWithLittleMemory(Compression compression) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] whole = compressed(compression, random);
    for (int round = 0; round < 1_500; round++) {
      byte[] damaged = damaged(whole, random);
      RecordBatch batch =
          batchAround(compression, ByteBuffer.wrap(damaged), random.nextInt(2) * 1_000_000_000);
      long before = allocatedBytes();
      try {
        batch.records();
      } catch (CorruptBatchException e) {
        assertThat(e).as("seed %d", seed).hasMessageMatching("(?s).+");
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed %d round %d".formatted(seed, round), e);
      }
      assertThat(allocatedBytes() - before)
          .as("seed %d round %d", seed, round)
          .isLessThan(5L * RecordBatch.MAX_UNCOMPRESSED_BYTES);
    }
  }

  @Test
  void aSnappyBlockThatClaimsMuchCostsLittle() throws Exception {
    byte[] block = Snappy.compress(new byte[10]);
    byte[] claims = {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0x7f, 1, 1, 1, 1};
    RecordBatch raw = batchAround(Compression.SNAPPY, ByteBuffer.wrap(claims), 1);
    long before = allocatedBytes();

    assertThatThrownBy(raw::records).isInstanceOf(CorruptBatchException.class);

    assertThat(allocatedBytes() - before).isLessThan(1_000_000);
    assertThat(Codec.of(Compression.SNAPPY).decompress(ByteBuffer.wrap(block), 10).remaining())
        .isEqualTo(10);
  }

  @Test
  void aZstdFrameThatClaimsMuchCostsLittle() throws Exception {
    byte[] frame = Zstd.compress(new byte[BOMB_BYTES], 1);
    RecordBatch batch = batchAround(Compression.ZSTD, ByteBuffer.wrap(frame), 1);
    long before = allocatedBytes();

    assertThatThrownBy(batch::records).isInstanceOf(CorruptBatchException.class);

    assertThat(allocatedBytes() - before).isLessThan(2L * RecordBatch.MAX_UNCOMPRESSED_BYTES);
  }

  @Test
  void lengthsThatDoNotFitAreRefused() {
    ByteBuffer whole = Logs.batch(1, "a");
    for (int size = 0; size < whole.remaining(); size++) {
      ByteBuffer part = whole.slice(0, size);
      assertThatThrownBy(() -> RecordBatch.wrap(part)).isInstanceOf(CorruptBatchException.class);
    }
    ByteBuffer longer = ByteBuffer.allocate(whole.remaining() + 1).put(whole.duplicate());
    assertThatThrownBy(() -> RecordBatch.wrap(longer.rewind()))
        .isInstanceOf(CorruptBatchException.class);
  }

  private static byte[] compressed(Compression compression, Random random) {
    ByteBuffer batch = RandomRecords.build(Compression.NONE, new RandomRecords(random).list(40));
    byte[] plain = new byte[batch.remaining() - BatchFormat.HEADER_BYTES];
    batch.get(BatchFormat.HEADER_BYTES, plain);
    GrowingBytes target = new GrowingBytes(1024, Integer.MAX_VALUE);
    Codec.of(compression).compress(plain, 0, plain.length, target);
    byte[] bytes = new byte[target.length()];
    target.view().get(bytes);
    return bytes;
  }

  private static byte[] damaged(byte[] whole, Random random) {
    byte[] damaged = java.util.Arrays.copyOf(whole, random.nextInt(whole.length + 1));
    for (int i = random.nextInt(4); i > 0 && damaged.length > 0; i--) {
      int reach = random.nextBoolean() ? Math.min(24, damaged.length) : damaged.length;
      damaged[random.nextInt(reach)] = (byte) random.nextInt(256);
    }
    return damaged;
  }

  /** A batch with a right checksum around any bytes. */
  private static RecordBatch batchAround(Compression compression, ByteBuffer records, int count)
      throws CorruptBatchException {
    ByteBuffer bytes = ByteBuffer.allocate(BatchFormat.HEADER_BYTES + records.remaining());
    bytes.put(BatchFormat.HEADER_BYTES, records, 0, records.remaining());
    bytes.putInt(BatchFormat.LENGTH, bytes.limit() - BatchFormat.LENGTH_OVERHEAD);
    bytes.put(BatchFormat.MAGIC, BatchFormat.CURRENT_MAGIC);
    bytes.putShort(BatchFormat.ATTRIBUTES, (short) compression.id());
    bytes.putInt(BatchFormat.LAST_OFFSET_DELTA, Math.max(count, 40));
    bytes.putInt(BatchFormat.RECORD_COUNT, Math.max(count, 40));
    bytes.putInt(BatchFormat.CRC, RecordBatch.checksum(bytes, 0, bytes.limit()));
    return RecordBatch.wrap(bytes);
  }

  private static long allocatedBytes() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }
}
