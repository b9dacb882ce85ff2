package io.ottla.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.disk.SystemDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Readers beside the writer, a checkpoint thread and a retention that trims under their feet. */
class ConcurrentReadersTest {
  private static final int RECORDS = 6_000;

  @TempDir private Path temp;

  @Test
  void readersSeeEveryRecordOnceOrAreToldThatItIsGone() throws Exception {
    OpenFiles openFiles = new OpenFiles(3);
    AtomicBoolean written = new AtomicBoolean();
    try (PartitionLog log =
            PartitionLog.create(
                new SystemDisk(), temp.resolve("t-0"), new LogConfig(9_000, 50, 500), openFiles);
        ExecutorService threads = Executors.newFixedThreadPool(3)) {
      List<Future<Integer>> readers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        readers.add(threads.submit(reader(log, written)));
      }

      for (int i = 0; i < RECORDS; i++) {
        log.append(Logs.batch(i, "v" + i), i / 1000, i);
        if (i % 300 == 299) {
          log.trimFront(i - 1500);
          LogCapture capture = log.capture();
          threads
              .submit(
                  () -> {
                    capture.force();
                    capture.removeDoomed();
                    return null;
                  })
              .get();
        }
      }
      written.set(true);

      for (Future<Integer> reader : readers) {
        assertThat(reader.get()).isPositive();
      }
    }
  }

  @Test
  void readersSeeEveryRecordThatStaysWhileSegmentsAreCompacted() throws Exception {
    OpenFiles openFiles = new OpenFiles(3);
    AtomicBoolean written = new AtomicBoolean();
    try (PartitionLog log =
            PartitionLog.create(
                new SystemDisk(), temp.resolve("t-0"), new LogConfig(9_000, 50, 500), openFiles);
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<Integer>> readers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        readers.add(threads.submit(rereader(log, written)));
      }
      Future<Integer> searcher = threads.submit(searcher(log, written));

      for (int i = 0; i < RECORDS; i++) {
        log.append(Logs.batch(i, "v" + i), i / 1000, i);
        if (i % 100 == 99) {
          int closed = log.segments().size() - 1;
          int first = Math.max(0, closed - 5);
          Logs.compact(log, first, closed - first, Compression.NONE, o -> o % 10 == 0);
          LogCapture capture = log.capture();
          capture.force();
          capture.removeDoomed();
        }
      }
      written.set(true);

      for (Future<Integer> reader : readers) {
        assertThat(reader.get()).isPositive();
      }
      assertThat(searcher.get()).isPositive();
    }
  }

  /** Reads the log from start to end, again and again: every tenth record is always there. */
  private static Callable<Integer> rereader(PartitionLog log, AtomicBoolean written) {
    return () -> {
      int rounds = 0;
      while (!written.get() || rounds == 0) {
        long next = 0;
        long expected = 0;
        while (next < log.endOffset()) {
          ReadResult.Batches batches = (ReadResult.Batches) log.read(next, 3_000);
          for (RecordBatch batch : RecordBatches.in(batches.bytes())) {
            for (StoredRecord record : batch.records()) {
              if (record.offset() >= next) {
                assertThat(Logs.text(record.value())).isEqualTo("v" + record.offset());
                assertThat(record.offset()).isLessThanOrEqualTo(expected);
                expected = record.offset() / 10 * 10 + 10;
              }
            }
            next = batch.nextOffset();
          }
        }
        rounds++;
      }
      return rounds;
    };
  }

  private static Callable<Integer> searcher(PartitionLog log, AtomicBoolean written) {
    return () -> {
      int rounds = 0;
      while (!written.get() || rounds == 0) {
        long end = log.endOffset();
        for (long time = 0; time < end; time += 170) {
          assertThat(log.offsetForTimestamp(time).orElseThrow()).isEqualTo(time);
        }
        rounds++;
      }
      return rounds;
    };
  }

  private static Callable<Integer> reader(PartitionLog log, AtomicBoolean written) {
    return () -> {
      long next = 0;
      int seen = 0;
      while (!written.get() || next < log.endOffset()) {
        switch (log.read(next, 3_000)) {
          case ReadResult.OutOfRange gone -> {
            assertThat(gone.startOffset()).isGreaterThan(next);
            next = gone.startOffset();
          }
          case ReadResult.Batches batches -> {
            long expected = next;
            next = check(batches, next);
            seen += (int) (next - expected);
            if (next == expected) {
              Thread.onSpinWait();
            }
          }
        }
      }
      return seen;
    };
  }

  private static long check(ReadResult.Batches batches, long from) throws IOException {
    long next = from;
    for (RecordBatch batch : RecordBatches.in(batches.bytes())) {
      for (StoredRecord record : batch.records()) {
        assertThat(record.offset()).isEqualTo(next);
        assertThat(Logs.text(record.value())).isEqualTo("v" + next);
        next++;
      }
    }
    assertThat(batches.endOffset()).isGreaterThanOrEqualTo(next);
    return next;
  }
}
