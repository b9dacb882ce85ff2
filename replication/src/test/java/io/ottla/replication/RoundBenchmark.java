package io.ottla.replication;

import com.sun.management.OperatingSystemMXBean;
import io.ottla.disk.SystemDisk;
import io.ottla.replication.ReplicationGroup.Leadership;
import io.ottla.replication.ReplicationGroup.Outcome;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Rounds per second and CPU per round, three brokers in this process, journals forced, one round in
 * flight per group. A main, not a test: {@code RoundBenchmark <directory> <seconds>}.
 */
public final class RoundBenchmark {
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private RoundBenchmark() {}

  /** Applies by counting. */
  private static final class Counting implements ReplicatedState {
    @Override
    public void restore(Optional<byte[]> checkpoint) {}

    @Override
    public ByteBuffer apply(Entry entry) {
      return ByteBuffer.allocate(8).putLong(entry.index()).flip();
    }

    @Override
    public Capture capture() {
      return new Capture() {
        @Override
        public void force() {}

        @Override
        public byte[] state() {
          return new byte[1];
        }

        @Override
        public List<PinnedFile> files() {
          return List.of();
        }

        @Override
        public void durable() {}
      };
    }

    @Override
    public List<Path> ownedDirectories() {
      return List.of();
    }

    @Override
    public void close() {}
  }

  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[0]);
    int seconds = Integer.parseInt(arguments[1]);
    List<RaftBroker> brokers = new ArrayList<>();
    ClusterNetwork network =
        new ClusterNetwork(
            UUID.randomUUID(),
            List.of(
                new GroupSpec(1, UUID.randomUUID(), List.of(1, 2, 3), 1),
                new GroupSpec(2, UUID.randomUUID(), List.of(1, 2, 3), 2),
                new GroupSpec(3, UUID.randomUUID(), List.of(1, 2, 3), 3)));
    for (int id = 1; id <= 3; id++) {
      Path broker = Files.createDirectories(directory.resolve("broker-" + id));
      brokers.add(
          RaftBroker.start(
              new RaftBroker.Config(
                  id, broker, network, new SystemDisk(), InstantSource.system(), settings(), false),
              group -> new Counting(),
              (failed, reason, cause) -> {
                throw new IllegalStateException(reason, cause);
              }));
    }
    LockSupport.parkNanos(6_000_000_000L);
    measure(network, 3, 100, seconds);
    for (int groups : new int[] {1, 3}) {
      for (int payloadBytes : new int[] {100, 64 * 1024}) {
        measure(network, groups, payloadBytes, seconds);
      }
    }
    brokers.forEach(RaftBroker::crash);
    new SystemDisk().deleteTree(directory);
  }

  /** Production's, but for how much of a journal file is filled ahead. */
  private static ReplicationSettings settings() {
    ReplicationSettings usual = ReplicationSettings.production();
    return new ReplicationSettings(
        usual.electionTimeoutMin(),
        usual.electionTimeoutMax(),
        usual.firstElectionTimeoutMin(),
        usual.firstElectionTimeoutMax(),
        usual.journalSegmentBytes(),
        Long.getLong("preallocate", usual.journalPreallocateBytes()),
        usual.checkpointEveryBytes(),
        usual.checkpointEvery(),
        usual.purgeGapEntries(),
        usual.keepForLaggingBytes(),
        usual.keepForLaggingEntries(),
        usual.stalledAfter(),
        usual.balanceEvery());
  }

  private static void measure(ClusterNetwork network, int groups, int payloadBytes, int seconds)
      throws InterruptedException, IOException {
    AtomicLong rounds = new AtomicLong();
    AtomicLong latencyNanos = new AtomicLong();
    CountDownLatch done = new CountDownLatch(groups);
    long endNanos = System.nanoTime() + seconds * 1_000_000_000L;
    long cpuBefore = SYSTEM.getProcessCpuTime();
    for (int group = 1; group <= groups; group++) {
      byte[] payload = new byte[payloadBytes];
      Arrays.fill(payload, (byte) 'x');
      next(network.group(group), payload, endNanos, done, new AtomicLong[] {rounds, latencyNanos});
    }
    done.await();
    double cpuMicros = (SYSTEM.getProcessCpuTime() - cpuBefore) / 1e3;
    System.out.printf(
        "groups=%d payload=%d B: %.0f rounds/s, %.0f us CPU per round, %.0f us latency%n",
        groups,
        payloadBytes,
        rounds.get() / (double) seconds,
        cpuMicros / rounds.get(),
        latencyNanos.get() / 1e3 / rounds.get());
  }

  private static void next(
      ReplicationGroup group, byte[] payload, long end, CountDownLatch done, AtomicLong[] sums) {
    long startNanos = System.nanoTime();
    if (startNanos >= end) {
      done.countDown();
      return;
    }
    long term = group.leadership().map(Leadership::term).orElse(0L);
    var _ =
        group
            .submit(term, ByteBuffer.wrap(payload))
            .whenComplete(
                (outcome, failure) -> {
                  if (outcome instanceof Outcome.Applied) {
                    sums[0].incrementAndGet();
                    sums[1].addAndGet(System.nanoTime() - startNanos);
                  } else {
                    System.out.println(outcome);
                    LockSupport.parkNanos(100_000_000L);
                  }
                  next(group, payload, end, done, sums);
                });
  }
}
