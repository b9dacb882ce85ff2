package io.ottla.broker.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ottla.broker.store.ProducerClaim.Mark;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SequenceWindowTest {
  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

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
  }

  @Test
  void itRemembersTheLastSequencesInWhateverOrderTheyCome() throws IOException {
    for (int history = 0; history < 40; history++) {
      SequenceWindow window = new SequenceWindow();
      Model model = new Model();
      long newest = 0;
      SequenceWindow.Snapshot snapshot = window.snapshot();
      byte[] snapshotBytes = bytes(snapshot);
      for (int step = 0; step < 6_000; step++) {
        newest += random.nextInt(3);
        long sequence = Math.max(0, newest - (random.nextInt(4) == 0 ? random.nextInt(1500) : 0));
        assertThat(window.isForgotten(sequence)).isEqualTo(sequence <= model.floor);
        if (sequence > model.floor) {
          SequenceProgress progress = progress();
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
        if (random.nextInt(700) == 0) {
          window = new SequenceWindow(read(bytes(window.snapshot())));
        }
      }
    }
  }

  @Test
  void theLast1024SequencesAreThereAndNoMoreIsKept() {
    SequenceWindow window = new SequenceWindow();

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
    SequenceWindow window = new SequenceWindow();
    for (long sequence = 0; sequence < 2_000; sequence++) {
      window.put(sequence, progress());
    }

    assertThatThrownBy(() -> window.put(3, progress())).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void damagedBytesAreRefused() throws IOException {
    SequenceWindow window = new SequenceWindow();
    window.put(7, progress());
    window.put(9, progress());
    byte[] bytes = bytes(window.snapshot());
    byte[] disordered = bytes.clone();
    disordered[2 * Long.BYTES + Integer.BYTES + Long.BYTES - 1] = 9;
    byte[] tooMany = bytes.clone();
    tooMany[2 * Long.BYTES] = 1;

    assertThatThrownBy(() -> read(disordered)).isInstanceOf(CorruptEntryException.class);
    assertThatThrownBy(() -> read(tooMany)).isInstanceOf(CorruptEntryException.class);
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
}
