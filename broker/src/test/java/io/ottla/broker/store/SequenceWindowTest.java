package io.ottla.broker.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ottla.broker.store.ProducerClaim.Mark;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SequenceWindowTest {
  private static final Class<CorruptEntryException> CORRUPT = CorruptEntryException.class;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private final ProducerMemory.Share memory = ProducerMemory.unlimited().open();

  /** A sorted map that forgets its lowest sequence beyond the window. */
  private static final class Model {
    final TreeMap<Long, SequenceProgress> sequences = new TreeMap<>();
    long floor = SequenceWindow.NOTHING_FORGOTTEN;

    void put(long sequence, SequenceProgress progress) {
      sequences.put(sequence, progress);
      if (sequences.size() > SequenceWindow.SEQUENCES) {
        floor = sequences.pollFirstEntry().getKey();
      }
    }

    void keepLast(int keep) {
      while (sequences.size() > keep) {
        floor = sequences.pollFirstEntry().getKey();
      }
    }

    /** As the first version of the checkpoint had it. */
    byte[] bytesOfLongs(long lastUsedMs) throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      out.writeLong(lastUsedMs);
      out.writeLong(floor);
      out.writeInt(sequences.size());
      for (Map.Entry<Long, SequenceProgress> entry : sequences.entrySet()) {
        SequenceProgress progress = entry.getValue();
        out.writeLong(entry.getKey());
        out.writeLong(progress.mark().line());
        out.writeLong(progress.mark().checksum());
        out.writeLong(progress.firstOffset());
        out.writeLong(progress.lastOffset());
        out.writeLong(progress.count());
        out.writeLong(progress.timestampMs());
      }
      return bytes.toByteArray();
    }
  }

  @Test
  void itRemembersTheLastSequencesInWhateverOrderTheyCome() throws IOException {
    for (int history = 0; history < 8; history++) {
      SequenceWindow window = new SequenceWindow(memory);
      Model model = new Model();
      long newest = 0;
      SequenceWindow.Snapshot snapshot = window.snapshot();
      byte[] snapshotBytes = bytes(snapshot);
      for (int step = 0; step < 4_000; step++) {
        newest += random.nextInt(3);
        long sequence = Math.max(0, newest - (random.nextInt(4) == 0 ? random.nextInt(1500) : 0));
        assertThat(window.isForgotten(sequence)).isEqualTo(sequence <= model.floor);
        if (sequence > model.floor) {
          SequenceProgress progress = random.nextBoolean() ? progress() : ordinary(step);
          window.put(sequence, progress);
          model.put(sequence, progress);
        }
        long asked = Math.max(0, newest - random.nextInt(2500));
        assertThat(window.find(asked))
            .as("seed %d sequence %d", seed, asked)
            .isEqualTo(model.sequences.get(asked));
        if (random.nextInt(300) == 0) {
          assertThat(bytes(snapshot)).as("seed %d", seed).isEqualTo(snapshotBytes);
          snapshot = window.snapshot();
          snapshotBytes = bytes(snapshot);
        }
        if (random.nextInt(1500) == 0) {
          int keep = random.nextBoolean() ? random.nextInt(3) : random.nextInt(1100);
          window.keepLast(keep);
          model.keepLast(keep);
        }
        if (random.nextInt(1500) == 0) {
          window = new SequenceWindow(ofLongs(model.bytesOfLongs(7)), memory);
        }
        if (random.nextInt(700) == 0) {
          window = new SequenceWindow(read(bytes(window.snapshot())), memory);
        }
      }
    }
  }

  @Test
  void theLast1024SequencesAreThereAndNoMoreIsKept() {
    SequenceWindow window = new SequenceWindow(memory);

    for (long sequence = 0; sequence < 10_000; sequence++) {
      window.put(sequence, progress());
    }

    assertThat(window.isForgotten(10_000 - 1_024)).isFalse();
    assertThat(window.find(10_000 - 1_024)).isNotNull();
    assertThat(window.isForgotten(10_000 - 1_025)).isTrue();
    assertThat(window.find(10_000 - 1_025)).isNull();
  }

  @Test
  void aForgottenSequenceCannotComeBack() {
    SequenceWindow window = new SequenceWindow(memory);
    for (long sequence = 0; sequence < 2_000; sequence++) {
      window.put(sequence, progress());
    }

    assertThatThrownBy(() -> window.put(3, progress())).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void damagedBytesAreRefusedAndNeverMore() throws IOException {
    SequenceWindow window = new SequenceWindow(memory);
    for (long sequence = 0; sequence < 300; sequence++) {
      window.put(sequence, ordinary(sequence));
    }
    byte[] bytes = bytes(window.snapshot());
    int accepted = 0;
    for (int i = 0; i < 3_000; i++) {
      byte[] damaged = bytes.clone();
      damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      try {
        SequenceWindow.Snapshot read =
            read(random.nextBoolean() ? damaged : Arrays.copyOf(damaged, damaged.length - 1));
        new SequenceWindow(read, memory).find(random.nextInt(300));
        accepted++;
      } catch (IOException e) {
        assertThat(e).as("seed %d", seed).isInstanceOfAny(CORRUPT, EOFException.class);
      }
    }
    assertThat(accepted).as("checksums and offsets are the file's to check").isPositive();
  }

  @Test
  void whereBlocksEndFollowsFromTheSequencesHoweverTheyCame() throws IOException {
    List<Long> sequences = new ArrayList<>();
    for (long sequence = 0; sequence < 1_000; sequence++) {
      sequences.add(sequence);
    }
    SequenceWindow inOrder = new SequenceWindow(memory);
    sequences.forEach(sequence -> inOrder.put(sequence, ordinary(sequence)));
    Collections.shuffle(sequences, random);
    SequenceWindow shuffled = new SequenceWindow(memory);
    sequences.forEach(sequence -> shuffled.put(sequence, ordinary(sequence)));

    assertThat(bytes(shuffled.snapshot())).as("seed %d", seed).isEqualTo(bytes(inOrder.snapshot()));
    SequenceWindow restored = new SequenceWindow(read(bytes(inOrder.snapshot())), memory);
    SequenceBlock[] blocks = inOrder.snapshot().blocks();
    assertThat(blocks.length).isGreaterThan(8);
    for (int i = 0; i < blocks.length; i++) {
      assertThat(shuffled.snapshot().blocks()[i]).isSameAs(blocks[i]);
      assertThat(restored.snapshot().blocks()[i]).isSameAs(blocks[i]);
    }
  }

  @Test
  void aSequenceOfOneEventTakesAFewBytes() {
    SequenceWindow window = new SequenceWindow(memory);
    window.put(1_000_000, ordinary(1_000_000));
    assertThat(window.sizeBytes()).isLessThan(250);

    for (long sequence = 1_000_001; sequence < 1_010_000; sequence++) {
      window.put(sequence, ordinary(sequence));
    }

    assertThat(window.sizeBytes()).isLessThan(20_000);
  }

  @Test
  void sequencesThatNeverEndABlockAreBoundedToo() {
    SequenceWindow window = new SequenceWindow(memory);
    long sequence = 0;
    for (int i = 0; i < 5_000; i++) {
      do {
        sequence++;
      } while (endsBlock(sequence));
      window.put(sequence, ordinary(sequence));
      assertThat(window.find(sequence)).isEqualTo(ordinary(sequence));
    }

    assertThat(window.sizeBytes()).isLessThan(40_000);
  }

  @Test
  void aStreamWritesItsSequenceAloneHoweverManyBatchesItHas() throws IOException {
    for (boolean endsABlock : new boolean[] {false, true}) {
      SequenceWindow window = new SequenceWindow(memory);
      long sequence = 0;
      for (int i = 0; i < 1_000 || endsBlock(sequence) != endsABlock; i++) {
        sequence++;
        if (!endsBlock(sequence) || i >= 1_000) {
          window.put(sequence, ordinary(sequence));
        }
      }
      SequenceWindow.Snapshot snapshot = window.snapshot();
      byte[] snapshotBytes = bytes(snapshot);
      var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

      long before = threads.getCurrentThreadAllocatedBytes();
      for (int batch = 0; batch < 1_000; batch++) {
        window.put(sequence, stream(sequence, batch));
      }
      long taken = threads.getCurrentThreadAllocatedBytes() - before;

      assertThat(taken / 1_000).as("ends a block: %s", endsABlock).isLessThan(1_000);
      assertThat(window.find(sequence)).isEqualTo(stream(sequence, 999));
      assertThat(window.find(sequence - 1)).isEqualTo(ordinary(sequence - 1));
      assertThat(bytes(snapshot)).isEqualTo(snapshotBytes);
    }
  }

  private static boolean endsBlock(long sequence) {
    return (sequence * 0x9e3779b97f4a7c15L) >>> 58 == 0;
  }

  /** Of a stream that has had so many batches of ten lines after its first. */
  private static SequenceProgress stream(long sequence, int batches) {
    long count = 10L * (1 + batches);
    return new SequenceProgress(
        new Mark(count - 1, batches * 0x9e3779b97f4a7c15L),
        2_000_000,
        2_000_000 + count - 1,
        count,
        1_700_000_000_000L + sequence);
  }

  @Test
  void expiredProducersAreKeptAsRanges() throws IOException {
    ExpiredProducers expired = new ExpiredProducers();
    Set<Long> model = new HashSet<>();
    for (int i = 0; i < 2_000; i++) {
      long id = random.nextLong(3_000);
      expired.add(id);
      model.add(id);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    expired.copy().writeTo(new DataOutputStream(bytes));

    ExpiredProducers read =
        ExpiredProducers.readFrom(
            new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));

    for (long id = -1; id < 3_001; id++) {
      assertThat(read.contains(id)).as("seed %d id %d", seed, id).isEqualTo(model.contains(id));
    }
    for (long id = 0; id < 3_000; id++) {
      expired.add(id);
    }
    bytes.reset();
    expired.writeTo(new DataOutputStream(bytes));
    assertThat(bytes.size()).isEqualTo(Integer.BYTES + 2 * Long.BYTES);
  }

  /** Of a request with one event, in a partition that others append to as well. */
  private static SequenceProgress ordinary(long sequence) {
    long offset = 1_000_000 + sequence * 17;
    return new SequenceProgress(
        new Mark(0, sequence * 0x9e3779b97f4a7c15L),
        offset,
        offset,
        1,
        1_700_000_000_000L + sequence);
  }

  private SequenceProgress progress() {
    return new SequenceProgress(
        new Mark(random.nextLong(), random.nextLong()),
        random.nextLong(),
        random.nextLong(),
        random.nextLong(),
        random.nextLong());
  }

  private static byte[] bytes(SequenceWindow.Snapshot snapshot) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    snapshot.writeTo(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static SequenceWindow.Snapshot read(byte[] bytes) throws IOException {
    return SequenceWindow.Snapshot.readFrom(new DataInputStream(new ByteArrayInputStream(bytes)));
  }

  private static SequenceWindow.Snapshot ofLongs(byte[] bytes) throws IOException {
    return SequenceWindow.Snapshot.readFromV1(
        new DataInputStream(new ByteArrayInputStream(bytes)), ProducerMemory.unlimited().open());
  }
}
