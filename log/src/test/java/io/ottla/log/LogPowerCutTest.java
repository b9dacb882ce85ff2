package io.ottla.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.disk.ForgetfulDisk;
import io.ottla.disk.ForgetfulDisk.PowerCutException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The power goes at any write, force, rename or deletion, again and again; restored to the last
 * durable checkpoint and replayed, the log is byte for byte the one that never lost power.
 */
class LogPowerCutTest {
  private static final Path BROKER = Path.of("/broker");
  private static final Path LOG = BROKER.resolve("liked-0");
  private static final Path CHECKPOINT = BROKER.resolve("checkpoint");
  private static final int HISTORIES = 60;
  private static final int OPERATIONS = 120;

  /** One replicated operation: what an entry does to a log. */
  private interface Operation {
    void applyTo(PartitionLog log) throws IOException;
  }

  @Test
  void aRestoredAndReplayedLogIsTheOneThatNeverLostPower() throws IOException {
    long seed = System.nanoTime();
    for (int history = 0; history < HISTORIES; history++) {
      try {
        new History(new Random(seed + history)).run();
      } catch (IOException | RuntimeException | AssertionError e) {
        throw new AssertionError("seed %d".formatted(seed + history), e);
      }
    }
  }

  private static final class History {
    private final Random random;
    private final LogConfig config;
    private final List<Operation> operations = new ArrayList<>();
    private final ForgetfulDisk disk = new ForgetfulDisk();
    private final OpenFiles openFiles = new OpenFiles(2);
    private int applied;
    private PartitionLog log;

    History(Random random) {
      this.random = random;
      this.config = new LogConfig(200 + random.nextInt(1500), 1 + random.nextInt(40), 150);
    }

    void run() throws IOException {
      decideOperations();
      disk.createDirectories(BROKER);
      disk.forceDirectory(Path.of("/"));
      disk.writeDurably(CHECKPOINT, new byte[0]);
      boolean running = true;
      while (running) {
        if (random.nextInt(4) > 0) {
          disk.cutPowerAfter(random.nextInt(150));
        }
        try {
          start();
          work();
          running = false;
        } catch (PowerCutException e) {
          disk.powerCut(random);
        }
      }
      assertThat(Logs.files(disk, LOG, ".log")).isEqualTo(neverCut());
      log.close();
    }

    private void decideOperations() {
      RandomRecords records = new RandomRecords(random);
      int timeMs = 0;
      for (int i = 0; i < OPERATIONS; i++) {
        timeMs += random.nextInt(5);
        int at = timeMs;
        int epoch = i / 30;
        int kind = random.nextInt(12);
        ByteBuffer batch =
            RandomRecords.build(
                random.nextBoolean() ? Compression.LZ4 : Compression.NONE,
                records.list(1 + random.nextInt(3)));
        double part = random.nextBoolean() ? 1 : random.nextDouble();
        Compression compression = random.nextBoolean() ? Compression.LZ4 : Compression.NONE;
        int salt = random.nextInt(4);
        operations.add(
            switch (kind) {
              case 0 ->
                  log ->
                      log.trimFront(
                          log.startOffset()
                              + (long) (part * (log.endOffset() - log.startOffset())));
              case 1, 2 -> log -> compact(log, part, compression, salt);
              default -> log -> log.append(batch, epoch, at);
            });
      }
    }

    /** Which segments and which records: a function of the log alone. */
    private static void compact(PartitionLog log, double part, Compression compression, int salt)
        throws IOException {
      int closed = log.segments().size() - 1;
      if (closed > 0) {
        int first = (int) (part / 2 * closed);
        int count = 1 + (int) (part * (closed - first - 1));
        boolean done =
            Logs.compact(log, first, count, compression, offset -> (offset * 7 + salt) % 4 > 0);
        assertThat(done).isTrue();
      }
    }

    private void start() throws IOException {
      byte[] saved = disk.readAll(CHECKPOINT);
      if (saved.length == 0) {
        applied = 0;
        log = PartitionLog.create(disk, LOG, config, openFiles);
        return;
      }
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(saved));
      applied = in.readInt();
      log = PartitionLog.restore(disk, LOG, config, openFiles, LogCheckpoint.readFrom(in));
      assertThat(log.capture().checkpoint()).isEqualTo(modelAt(applied));
    }

    private void work() throws IOException {
      while (applied < operations.size()) {
        operations.get(applied).applyTo(log);
        applied++;
        if (random.nextInt(10) == 0) {
          checkpoint(random.nextInt(operations.size() - applied + 1));
        }
        if (random.nextInt(5) == 0 && log.startOffset() < log.endOffset()) {
          assertThat(log.read(log.startOffset(), 500)).isInstanceOf(ReadResult.Batches.class);
        }
      }
      checkpoint(0);
    }

    /** A checkpoint whose forcing and writing is overtaken by that many operations. */
    private void checkpoint(int overtaking) throws IOException {
      LogCapture capture = log.capture();
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      out.writeInt(applied);
      capture.checkpoint().writeTo(out);
      for (int i = Math.min(overtaking, 5); i > 0; i--) {
        operations.get(applied).applyTo(log);
        applied++;
      }
      capture.force();
      disk.writeDurably(CHECKPOINT, bytes.toByteArray());
      capture.removeDoomed();
    }

    private LogCheckpoint modelAt(int operationCount) throws IOException {
      try (PartitionLog model = replayed(operationCount, new ForgetfulDisk())) {
        return model.capture().checkpoint();
      }
    }

    private Map<String, ByteBuffer> neverCut() throws IOException {
      ForgetfulDisk other = new ForgetfulDisk();
      try (PartitionLog model = replayed(operations.size(), other)) {
        model.capture().removeDoomed();
        assertThat(Logs.readAll(log, 300)).isEqualTo(Logs.readAll(model, 3000));
      }
      return Logs.files(other, LOG, ".log");
    }

    private PartitionLog replayed(int operationCount, ForgetfulDisk other) throws IOException {
      PartitionLog model = PartitionLog.create(other, LOG, config, new OpenFiles(9));
      for (Operation operation : operations.subList(0, operationCount)) {
        operation.applyTo(model);
      }
      return model;
    }
  }
}
