package io.ottla.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ottla.disk.Disk;
import io.ottla.disk.DiskFile;
import io.ottla.disk.ForgetfulDisk;
import io.ottla.log.LogRepair.ScrubPoint;
import io.ottla.log.LogRepair.Scrubbed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Two replicas of a log: what rots in one is put right from the other, and nothing else changes.
 */
class LogRepairTest {
  private static final LogConfig CONFIG = new LogConfig(1_200, 1_000_000, 200);
  private static final int RECORDS = 60;

  private final Disk disk = new ForgetfulDisk();
  private final OpenFiles openFiles = new OpenFiles(3);
  private final Path mine = Path.of("/broker-1/liked-0");
  private final Path theirs = Path.of("/broker-2/liked-0");
  private PartitionLog log;
  private PartitionLog other;
  private List<String> values;
  private TreeMap<String, ByteBuffer> files;

  @BeforeEach
  void fill() throws IOException {
    log = PartitionLog.create(disk, mine, CONFIG, openFiles);
    other = PartitionLog.create(disk, theirs, CONFIG, openFiles);
    for (PartitionLog each : List.of(log, other)) {
      for (int i = 0; i < RECORDS; i++) {
        int epoch = 1 + i / 25;
        each.append(Logs.batch(10L * i, "value-" + i, "twice-" + i), epoch, i);
      }
      each.capture().force();
    }
    values = Logs.readAll(log, 1000);
    files = new TreeMap<>(Logs.files(disk, mine, ".log"));
    assertThat(Logs.files(disk, theirs, ".log")).isEqualTo(files);
    assertThat(files).hasSizeGreaterThan(3);
  }

  @AfterEach
  void close() throws IOException {
    log.close();
    other.close();
  }

  @Test
  void aReadRepairsWhatItMeets() throws IOException {
    Random random = new Random(11);
    log.repair().copyFrom(copiesOf(other));
    for (int round = 0; round < 300; round++) {
      String name = damage(random, mine, round % 5);
      reopen();

      assertThat(Logs.readAll(log, 1 + random.nextInt(1_500)))
          .as("round %d", round)
          .isEqualTo(values);
      assertThat(Logs.files(disk, mine, ".log").get(name)).isEqualTo(files.get(name));
    }
    assertThat(log.repair().knownDamage()).isEmpty();
  }

  @Test
  void aScrubRepairsAllThereIsAndOnlyThat() throws IOException {
    Random random = new Random(12);
    log.repair().copyFrom(copiesOf(other));
    for (int round = 0; round < 200; round++) {
      damage(random, mine, round % 5);
      damage(random, mine, (round + 2) % 5);
      reopen();

      Scrubbed scrubbed = scrubAll(log, 700);

      assertThat(scrubbed.damaged()).as("round %d", round).isEqualTo(scrubbed.repaired());
      assertThat(Logs.files(disk, mine, ".log")).as("round %d", round).isEqualTo(files);
    }
  }

  @Test
  void twoReplicasRepairEachOther() throws IOException {
    Random random = new Random(13);
    log.repair().copyFrom(copiesOf(other));
    other.repair().copyFrom(copiesOf(log));
    byte[] first = bytes(mine, 0);
    byte[] second = bytes(theirs, 1);
    random.nextBytes(first);
    random.nextBytes(second);
    write(mine, 0, first);
    write(theirs, 1, second);

    Thread one = Thread.startVirtualThread(() -> scrub(log));
    Thread two = Thread.startVirtualThread(() -> scrub(other));
    join(one);
    join(two);

    assertThat(Logs.files(disk, mine, ".log")).isEqualTo(files);
    assertThat(Logs.files(disk, theirs, ".log")).isEqualTo(files);
  }

  @Test
  void damageThatBothHaveShutsNothingElseAway() throws IOException {
    log.repair().copyFrom(copiesOf(other));
    int batchBytes = Logs.batch(0, "value-0", "twice-0").remaining();
    for (int bit = 0; bit < 8 * batchBytes; bit += 3) {
      for (Path each : List.of(mine, theirs)) {
        byte[] whole = bytes(each, 0);
        whole[2 * batchBytes + bit / 8] ^= (byte) (1 << bit % 8);
        write(each, 0, whole);
      }
      reopen();

      assertThatThrownBy(() -> log.read(5, 1))
          .as("bit %d", bit)
          .isInstanceOf(CorruptBatchException.class)
          .hasMessageContaining("offset=5");
      for (int offset = 0; offset < 2 * RECORDS; offset++) {
        if (offset != 4 && offset != 5) {
          assertThat(log.read(offset, 1)).isInstanceOf(ReadResult.Batches.class);
        }
      }
      assertThat(log.repair().knownDamage()).hasSize(1);
      restoreFiles();
    }
  }

  @Test
  void aCopyThatIsNotTheBatchIsRefused() throws IOException {
    byte[] whole = bytes(mine, 0);
    byte[] damaged = whole.clone();
    damaged[70] ^= 1;
    write(mine, 0, damaged);
    ByteBuffer foreign = Logs.batch(0, "other-0", "wrong-0");
    foreign.putLong(BatchFormat.BASE_OFFSET, 0).putInt(BatchFormat.LEADER_EPOCH, 7);
    log.repair().copyFrom((_, isRight) -> Optional.of(foreign).filter(isRight));

    assertThatThrownBy(() -> log.read(0, 1)).isInstanceOf(CorruptBatchException.class);
    assertThat(bytes(mine, 0)).isEqualTo(damaged);
  }

  @Test
  void aCompactionMeetsDamageAndRepairsIt() throws IOException {
    log.repair().copyFrom(copiesOf(other));
    damage(new Random(14), mine, 3);
    byte[] flipped = bytes(mine, 0);
    flipped[100] ^= 1;
    write(mine, 0, flipped);
    reopen();

    for (PartitionLog each : List.of(log, other)) {
      assertThat(Logs.compact(each, 0, 2, Compression.NONE, offset -> offset % 3 == 0)).isTrue();
      each.capture().force();
    }

    String compacted = SegmentNames.stem(0, 1) + SegmentNames.LOG;
    assertThat(Logs.files(disk, mine, ".log").get(compacted))
        .isEqualTo(Logs.files(disk, theirs, ".log").get(compacted));
  }

  @Test
  void aRepairThatIsNotForcedFailsTheNextCheckpoint() throws IOException {
    byte[] flipped = bytes(mine, 0);
    flipped[80] ^= 1;
    write(mine, 0, flipped);
    AtomicBoolean failing = new AtomicBoolean();
    LogCheckpoint checkpoint = log.capture().checkpoint();
    log.close();
    log = PartitionLog.restore(forcesFail(disk, failing), mine, CONFIG, openFiles, checkpoint);
    log.repair().copyFrom(copiesOf(other));
    log.capture().force();
    failing.set(true);

    assertThatThrownBy(() -> log.read(0, 1_000)).hasMessageContaining("no force");
    failing.set(false);
    var capture = log.capture();
    assertThatThrownBy(capture::force).hasMessageContaining("an earlier write failed");
  }

  @Test
  void aRottenLengthTakesNoMemory() throws IOException {
    LogConfig large = new LogConfig(100 << 20, 1_000_000, 4096);
    Path directory = Path.of("/broker-1/large-0");
    try (PartitionLog big = PartitionLog.create(disk, directory, large, openFiles)) {
      for (int i = 0; i < 20; i++) {
        big.append(Logs.batch(i, "x".repeat(1 << 20)), 1, i);
      }
      Path file = directory.resolve(SegmentNames.stem(0, 0) + SegmentNames.LOG);
      try (var open = disk.open(file, Disk.OpenMode.READ_WRITE)) {
        open.write(ByteBuffer.wrap(new byte[] {1}), BatchFormat.LENGTH);
      }
      var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

      long before = threads.getCurrentThreadAllocatedBytes();
      assertThatThrownBy(() -> big.read(0, 1024)).isInstanceOf(CorruptBatchException.class);
      long taken = threads.getCurrentThreadAllocatedBytes() - before;

      assertThat(taken).isLessThan(8L << 20);
      assertThat(big.read(1, 1024)).isInstanceOf(ReadResult.Batches.class);
    }
  }

  @Test
  void bytesOfABatchInARecordAreNotTakenForOne() throws IOException {
    Path directory = Path.of("/broker-1/forged-0");
    try (PartitionLog forged = PartitionLog.create(disk, directory, CONFIG, openFiles)) {
      ByteBuffer inner = Logs.batch(1, "forged");
      inner.putLong(BatchFormat.BASE_OFFSET, 1).putInt(BatchFormat.LEADER_EPOCH, 1);
      RecordBatchBuilder outer = new RecordBatchBuilder(Compression.NONE);
      outer.append(1, null, inner, List.of());
      outer.append(1, null, ByteBuffer.allocate(100), List.of());
      outer.append(1, null, ByteBuffer.allocate(100), List.of());
      forged.append(outer.build(), 1, 1);
      forged.append(Logs.batch(2, "honest"), 1, 2);
      Path file = directory.resolve(SegmentNames.stem(0, 0) + SegmentNames.LOG);
      byte[] bytes = disk.readAll(file);
      bytes[BatchFormat.LENGTH] ^= 1;
      Logs.overwrite(disk, file, bytes);
      LogCheckpoint checkpoint = forged.capture().checkpoint();
      try (PartitionLog restored =
          PartitionLog.restore(disk, directory, CONFIG, new OpenFiles(3), checkpoint)) {
        assertThatThrownBy(() -> restored.read(1, 1)).isInstanceOf(CorruptBatchException.class);
        assertThat(restored.read(3, 1)).isInstanceOf(ReadResult.Batches.class);
      }
    }
  }

  private BatchCopies copiesOf(PartitionLog holder) {
    return new BatchCopies() {
      @Override
      public Optional<ByteBuffer> find(BatchPlace place, Predicate<ByteBuffer> isRight) {
        try {
          return holder.repair().batchAt(place).filter(isRight);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }

  /** Damages a segment in one of five ways; returns its name. */
  private String damage(Random random, Path directory, int kind) throws IOException {
    List<String> names = List.copyOf(files.keySet());
    String name = names.get(random.nextInt(names.size()));
    byte[] bytes = disk.readAll(directory.resolve(name));
    int at = random.nextInt(bytes.length);
    switch (kind) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 300), (byte) 0);
      case 2 -> bytes = Arrays.copyOf(bytes, at);
      case 3 -> Arrays.fill(bytes, 0, BatchFormat.HEADER_BYTES, (byte) random.nextInt());
      default -> random.nextBytes(bytes);
    }
    Logs.overwrite(disk, directory.resolve(name), bytes);
    return name;
  }

  /** That disk, whose files are not forced while it fails. */
  private static Disk forcesFail(Disk disk, AtomicBoolean failing) {
    return wrapped(
        Disk.class,
        disk,
        result -> result instanceof DiskFile file ? forcesFail(file, failing) : result);
  }

  private static DiskFile forcesFail(DiskFile file, AtomicBoolean failing) {
    return (DiskFile)
        Proxy.newProxyInstance(
            DiskFile.class.getClassLoader(),
            new Class<?>[] {DiskFile.class},
            (_, method, arguments) -> {
              if (failing.get() && method.getName().equals("force")) {
                throw new IOException("no force");
              }
              return call(file, method, arguments);
            });
  }

  private static <T> T wrapped(Class<T> type, T real, UnaryOperator<Object> results) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, arguments) -> results.apply(call(real, method, arguments))));
  }

  private static Object call(Object real, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private void reopen() throws IOException {
    LogCheckpoint checkpoint = log.capture().checkpoint();
    log.close();
    log = PartitionLog.restore(disk, mine, CONFIG, openFiles, checkpoint);
    log.repair().copyFrom(copiesOf(other));
  }

  private static Scrubbed scrubAll(PartitionLog log, long maxBytes) throws IOException {
    int damaged = 0;
    int repaired = 0;
    Optional<ScrubPoint> next = Optional.empty();
    do {
      Scrubbed step = log.repair().scrub(next, maxBytes);
      damaged += step.damaged();
      repaired += step.repaired();
      next = step.next();
    } while (next.isPresent());
    return new Scrubbed(next, 0, damaged, repaired);
  }

  private static void scrub(PartitionLog log) {
    try {
      scrubAll(log, 500);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private byte[] bytes(Path directory, int segment) throws IOException {
    return disk.readAll(directory.resolve(List.copyOf(files.keySet()).get(segment)));
  }

  private void write(Path directory, int segment, byte[] bytes) throws IOException {
    String name = List.copyOf(files.keySet()).get(segment);
    try (var open = disk.open(directory.resolve(name), Disk.OpenMode.READ_WRITE)) {
      open.write(ByteBuffer.wrap(bytes), 0);
    }
  }

  private void restoreFiles() throws IOException {
    for (Path each : List.of(mine, theirs)) {
      write(each, 0, files.firstEntry().getValue().array());
    }
  }
}
