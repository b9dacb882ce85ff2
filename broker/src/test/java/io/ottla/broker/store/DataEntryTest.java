package io.ottla.broker.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ottla.broker.store.DataCommand.AlterPartition;
import io.ottla.broker.store.DataCommand.Append;
import io.ottla.broker.store.DataCommand.Compact;
import io.ottla.broker.store.DataCommand.CreatePartition;
import io.ottla.broker.store.DataCommand.DropPartition;
import io.ottla.broker.store.DataCommand.ExpireProducers;
import io.ottla.broker.store.DataCommand.ShortenProducers;
import io.ottla.broker.store.DataCommand.TrimFront;
import io.ottla.broker.store.ProducerClaim.Mark;
import io.ottla.broker.store.ProducerClaim.ProducerKey;
import io.ottla.log.Compaction;
import io.ottla.log.Compression;
import io.ottla.log.KeptOffsets;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class DataEntryTest {
  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  @Test
  void commandsComeBackAsTheyWere() throws CorruptEntryException {
    for (int i = 0; i < 500; i++) {
      List<DataCommand> commands = randomCommands();

      ByteBuffer payload = DataEntry.encode(commands);

      int sizeBytes = DataEntry.emptySizeBytes();
      for (DataCommand command : commands) {
        sizeBytes += DataEntry.sizeBytes(command);
      }
      assertThat(payload.remaining()).as("seed %d", seed).isEqualTo(sizeBytes);
      assertThat(DataEntry.decode(payload.asReadOnlyBuffer()))
          .as("seed %d", seed)
          .isEqualTo(commands);
    }
  }

  /** The format is final: these bytes stand in journals. */
  @Test
  void theFirstVersionStaysReadable() throws CorruptEntryException {
    UUID topic = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    ProducerClaim claim =
        new ProducerClaim(
            new ProducerKey(12, (short) 3, ProducerClaim.Kind.KAFKA),
            1000,
            new Mark(7, 0x55aa),
            new Mark(9, 0x66bb),
            1234);
    ByteBuffer batch = ByteBuffer.wrap(new byte[] {1, 2, 3});
    PartitionConfig config = new PartitionConfig(4096, 1000, -1, 8192, true);
    List<DataCommand> commands =
        List.of(
            new Append(topic, 2, batch, Optional.of(claim)),
            new Append(topic, 2, batch, Optional.empty()),
            new CreatePartition(topic, "liked", 1, config),
            new AlterPartition(topic, 1, config),
            new DropPartition(topic, 1),
            new TrimFront(topic, 0, 99),
            new Compact(topic, 0, new Compaction(16, 80, Compression.LZ4, kept(16, 20, 21))),
            new ExpireProducers(List.of(12L, 13L)),
            new ShortenProducers(1000, 16));
    String id = "00112233445566778899aabbccddeeff";
    String configHex =
        "0000000000001000" + "00000000000003e8" + "ffffffffffffffff" + "0000000000002000" + "01";
    String hex =
        "0100000009"
            + ("01" + "00000053" + id + "00000002" + "02" + "000000000000000c" + "0003" + "01")
            + ("00000000000003e8" + "0000000000000007" + "00000000000055aa")
            + ("0000000000000009" + "00000000000066bb" + "00000000000004d2" + "010203")
            + ("01" + "00000018" + id + "00000002" + "00" + "010203")
            + ("02" + "0000003a" + id + "00000001" + configHex + "6c696b6564")
            + ("03" + "00000035" + id + "00000001" + configHex)
            + ("04" + "00000014" + id + "00000001")
            + ("05" + "0000001c" + id + "00000000" + "0000000000000063")
            + ("06" + "00000027" + id + "00000000" + "0000000000000010" + "0000000000000050")
            + ("03" + "0804")
            + ("07" + "00000014" + "00000002" + "000000000000000c" + "000000000000000d")
            + ("08" + "0000000c" + "00000000000003e8" + "00000010");

    ByteBuffer bytes = ByteBuffer.wrap(HexFormat.of().parseHex(hex));

    assertThat(DataEntry.decode(bytes)).isEqualTo(commands);
    assertThat(DataEntry.encode(commands)).isEqualTo(bytes);
  }

  @Test
  void hostileBytesAreRefusedAndNeverMore() {
    for (int i = 0; i < 3_000; i++) {
      ByteBuffer payload = DataEntry.encode(randomCommands());
      byte[] bytes = bytesOf(payload);
      payload = ByteBuffer.wrap(bytes);
      switch (random.nextInt(3)) {
        case 0 -> bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        case 1 -> payload.limit(random.nextInt(bytes.length));
        default -> random.nextBytes(bytes);
      }
      try {
        DataEntry.decode(payload);
      } catch (CorruptEntryException e) {
        assertThat(e).hasMessageMatching(".+");
      }
    }
  }

  @Test
  void anotherVersionATailAndACutAreRefused() {
    ByteBuffer entry = DataEntry.encode(List.of(new DropPartition(new UUID(1, 1), 1)));
    ByteBuffer newer = ByteBuffer.wrap(bytesOf(entry)).put(0, (byte) 2);
    ByteBuffer longer = ByteBuffer.allocate(entry.limit() + 1).put(entry.duplicate()).rewind();
    ByteBuffer shorter = entry.duplicate().limit(entry.limit() - 1);

    for (ByteBuffer bad : List.of(newer, longer, shorter, ByteBuffer.allocate(0))) {
      assertThatThrownBy(() -> DataEntry.decode(bad)).isInstanceOf(CorruptEntryException.class);
    }
  }

  @Test
  void resultsComeBackAsTheyWere() throws CorruptEntryException {
    List<DataResult> results =
        List.of(
            new DataResult.Appended(Long.MAX_VALUE),
            new DataResult.Done(),
            new DataResult.NoSuchPartition(),
            new DataResult.InvalidBatch(),
            new DataResult.NotCompacted(),
            new DataResult.Sequence(new SequenceProgress(new Mark(3, -4), 5, 9, 4, 77)),
            new DataResult.SequenceTooOld(),
            new DataResult.ProducerExpired());

    assertThat(DataResults.decode(DataResults.encode(results))).isEqualTo(results);
    assertThat(DataResults.decode(DataResults.encode(List.of()))).isEmpty();
    ByteBuffer cut = DataResults.encode(results);
    for (int limit = 0; limit < cut.limit(); limit++) {
      ByteBuffer part = cut.duplicate().limit(limit);
      assertThatThrownBy(() -> DataResults.decode(part)).isInstanceOf(CorruptEntryException.class);
    }
  }

  private static byte[] bytesOf(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  private List<DataCommand> randomCommands() {
    List<DataCommand> commands = new ArrayList<>();
    int count = random.nextInt(6);
    for (int i = 0; i < count; i++) {
      commands.add(randomCommand());
    }
    return commands;
  }

  private DataCommand randomCommand() {
    UUID topic = new UUID(random.nextLong(), random.nextLong());
    int partition = random.nextInt(1000);
    return switch (random.nextInt(8)) {
      case 6 -> new ShortenProducers(random.nextLong(), random.nextInt(2000));
      case 5 -> new ExpireProducers(random.longs(random.nextInt(4)).boxed().toList());
      case 0 -> new Append(topic, partition, randomBatch(), randomClaim());
      case 1 -> new CreatePartition(topic, "t" + random.nextInt(), partition, randomConfig());
      case 2 -> new AlterPartition(topic, partition, randomConfig());
      case 3 -> new DropPartition(topic, partition);
      case 4 -> new Compact(topic, partition, randomCompaction());
      default -> new TrimFront(topic, partition, random.nextLong());
    };
  }

  private Compaction randomCompaction() {
    long[] going = random.longs(random.nextInt(50), 0, 1L << 30).sorted().distinct().toArray();
    Compression compression = random.nextBoolean() ? Compression.ZSTD : Compression.NONE;
    return new Compaction(random.nextLong(), random.nextLong(), compression, kept(0, going));
  }

  private static KeptOffsets kept(long firstOffset, long... going) {
    KeptOffsets.Builder builder = new KeptOffsets.Builder(firstOffset);
    long previous = -2;
    for (long offset : going) {
      if (previous >= 0 && offset > previous + 1) {
        builder.keep(previous + 1);
      }
      builder.remove(offset);
      previous = offset;
    }
    return builder.build();
  }

  private ByteBuffer randomBatch() {
    byte[] bytes = new byte[random.nextInt(200)];
    random.nextBytes(bytes);
    return ByteBuffer.wrap(bytes);
  }

  private Optional<ProducerClaim> randomClaim() {
    return random.nextBoolean()
        ? Optional.empty()
        : Optional.of(
            new ProducerClaim(
                new ProducerKey(
                    random.nextLong(),
                    (short) random.nextInt(),
                    random.nextBoolean() ? ProducerClaim.Kind.OTTLA : ProducerClaim.Kind.KAFKA),
                random.nextLong(),
                randomMark(),
                randomMark(),
                random.nextLong()));
  }

  private Mark randomMark() {
    return new Mark(random.nextLong(), random.nextLong());
  }

  private PartitionConfig randomConfig() {
    return new PartitionConfig(
        random.nextLong(), random.nextLong(), random.nextLong(), -1, random.nextBoolean());
  }
}
