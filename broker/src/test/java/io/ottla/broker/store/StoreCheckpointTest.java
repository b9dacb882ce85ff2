package io.ottla.broker.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.broker.store.DataCommand.Append;
import io.ottla.broker.store.DataCommand.CreatePartition;
import io.ottla.broker.store.DataCommand.ShortenProducers;
import io.ottla.broker.store.ProducerClaim.Mark;
import io.ottla.broker.store.ProducerClaim.ProducerKey;
import io.ottla.disk.ForgetfulDisk;
import io.ottla.log.Compression;
import io.ottla.log.OpenFiles;
import io.ottla.log.RecordBatchBuilder;
import io.ottla.replication.Entry;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a checkpoint says of producers, and what stores take of the memory for it. */
class StoreCheckpointTest {
  private static final UUID TOPIC = new UUID(1, 2);
  private static final PartitionConfig CONFIG =
      new PartitionConfig(1 << 20, Long.MAX_VALUE, -1, -1, false);

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private final ProducerMemory memory = new ProducerMemory(1 << 20);
  private final ForgetfulDisk disk = new ForgetfulDisk();
  private long index;

  @Test
  void replicasThatTookAnotherWayWriteTheSameBytes() throws IOException {
    PartitionStore whole = open("whole", Optional.empty());
    PartitionStore restarted = open("restarted", Optional.empty());
    create(whole, restarted);
    for (int i = 0; i < 6_000; i++) {
      Entry entry = entry(random.nextInt(1_000) == 0 ? shorten() : append(random.nextInt(2_000)));
      whole.apply(entry);
      restarted.apply(entry);
      if (random.nextInt(500) == 0) {
        byte[] saved = checkpoint(restarted);
        assertThat(saved).as("seed %d", seed).isEqualTo(checkpoint(whole));
        restarted.close();
        restarted = open("restarted", Optional.of(saved));
      }
    }

    assertThat(checkpoint(restarted)).as("seed %d", seed).isEqualTo(checkpoint(whole));
    whole.close();
    restarted.close();
    assertThat(memory.heldBytes()).isZero();
  }

  @Test
  void aCheckpointOfTheFirstVersionIsRead() throws IOException {
    PartitionStore store = open("old", Optional.empty());
    create(store);
    store.apply(entry(append(5)));
    byte[] now = checkpoint(store);
    byte[] old = ofFirstVersion(now, 7);
    store.close();

    PartitionStore read = open("old", Optional.of(old));

    byte[] again = checkpoint(read);
    assertThat(again[0]).isEqualTo((byte) 2);
    StoreCheckpoint known = StoreCheckpoint.read(1, again);
    var windows = known.parts().getFirst().producers().windows();
    SequenceWindow window =
        new SequenceWindow(windows.get(ProducerKey.ofHttp(3)), ProducerMemory.unlimited().open());
    assertThat(window.find(7)).isEqualTo(new SequenceProgress(new Mark(2, 99), 0, 5, 3, 1_000));
    assertThat(window.isForgotten(4)).isTrue();
    assertThat(window.lastUsedMs()).isEqualTo(77);
    read.close();
  }

  @Test
  void aDroppedPartitionAndForgottenProducersTakeNothing() throws IOException {
    PartitionStore store = open("drops", Optional.empty());
    create(store);
    for (int i = 0; i < 100; i++) {
      store.apply(entry(append(i)));
    }
    long held = memory.heldBytes();
    assertThat(held).isPositive();

    store.apply(entry(new DataCommand.ExpireProducers(List.of(0L, 1L, 2L))));
    assertThat(memory.heldBytes()).isLessThan(held).isPositive();
    store.apply(entry(new DataCommand.DropPartition(TOPIC, 0)));
    assertThat(memory.heldBytes()).isZero();
    store.close();
  }

  @Test
  void atTheBoundOnlyProducersThatWereThereMayGoOn() throws IOException {
    ProducerMemory small = new ProducerMemory(2_000);
    PartitionStore store = open("full", Optional.empty(), small);
    create(store);
    long producer = 0;
    while (store.hasRoomFor(TOPIC, 0, ProducerKey.ofHttp(producer))) {
      store.apply(entry(append(producer, 0)));
      producer++;
    }

    assertThat(producer).isGreaterThan(3);
    assertThat(small.heldBytes()).isLessThan(2_000);
    assertThat(store.hasRoomFor(TOPIC, 0, ProducerKey.ofHttp(0))).isTrue();
    store.apply(entry(new DataCommand.ExpireProducers(List.of(0L, 1L, 2L))));
    assertThat(store.hasRoomFor(TOPIC, 0, ProducerKey.ofHttp(producer))).isTrue();
    store.close();
  }

  /** The same with the producers as the first version wrote them: one, with one sequence. */
  private static byte[] ofFirstVersion(byte[] bytes, long sequence) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    ByteArrayOutputStream old = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(old);
    in.get();
    out.writeByte(1);
    out.writeInt(in.getInt());
    while (in.hasRemaining()) {
      byte tag = in.get();
      byte[] body = new byte[in.getInt()];
      in.get(body);
      byte[] section = tag == 3 ? producersOfFirstVersion(sequence) : body;
      out.writeByte(tag);
      out.writeInt(section.length);
      out.write(section);
    }
    return old.toByteArray();
  }

  private static byte[] producersOfFirstVersion(long sequence) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(0); // nobody expired
    out.writeInt(1);
    out.writeLong(TOPIC.getMostSignificantBits());
    out.writeLong(TOPIC.getLeastSignificantBits());
    out.writeInt(0);
    out.writeInt(1);
    out.writeLong(3);
    out.writeShort(0);
    out.writeByte(0);
    for (long number : new long[] {77, 4}) { // last used, floor
      out.writeLong(number);
    }
    out.writeInt(1);
    for (long number : new long[] {sequence, 2, 99, 0, 5, 3, 1_000}) {
      out.writeLong(number);
    }
    return bytes.toByteArray();
  }

  private PartitionStore open(String broker, Optional<byte[]> checkpoint) throws IOException {
    return open(broker, checkpoint, memory);
  }

  private PartitionStore open(String broker, Optional<byte[]> checkpoint, ProducerMemory of)
      throws IOException {
    PartitionStore store =
        new PartitionStore(
            1,
            disk,
            PartitionDirectories.open(disk, Path.of("/" + broker)),
            new OpenFiles(10),
            PartitionListener.NONE,
            of,
            OtherReplicas.NONE);
    store.restore(checkpoint);
    return store;
  }

  private void create(PartitionStore... stores) throws IOException {
    Entry entry = entry(new CreatePartition(TOPIC, "t", 0, CONFIG));
    for (PartitionStore store : stores) {
      store.apply(entry);
    }
  }

  private static byte[] checkpoint(PartitionStore store) throws IOException {
    var capture = store.capture();
    capture.force();
    return capture.state();
  }

  private DataCommand shorten() {
    return new ShortenProducers(index - random.nextInt(50), random.nextInt(1_100));
  }

  private Append append(long sequence) {
    return append(random.nextInt(4), sequence);
  }

  private Append append(long producer, long sequence) {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE);
    builder.append(1_000, null, ByteBuffer.wrap(new byte[] {1}), List.of());
    ProducerClaim claim =
        new ProducerClaim(
            ProducerKey.ofHttp(producer), sequence, Mark.START, new Mark(0, sequence * 31), 1_000);
    return new Append(TOPIC, 0, builder.build(), Optional.of(claim));
  }

  private Entry entry(DataCommand command) {
    index++;
    return new Entry(index, 1, index, DataEntry.encode(List.of(command)));
  }
}
