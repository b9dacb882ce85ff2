package io.ottla.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.disk.SystemDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An error in the middle of an entry: half of it is in the state. */
class ApplyErrorTest {
  @TempDir Path directory;

  private final ClusterNetwork network =
      new ClusterNetwork(
          UUID.randomUUID(), List.of(new GroupSpec(1, UUID.randomUUID(), List.of(1), 1)));
  private volatile int failAt = -1;
  private volatile Counting state;

  private RaftBroker start(boolean known, FailureListener onFailed) throws IOException {
    RaftBroker.Config config =
        new RaftBroker.Config(
            1,
            directory.resolve("broker"),
            network,
            new SystemDisk(),
            InstantSource.system(),
            ReplicationSettings.forTests(),
            known);
    return RaftBroker.start(config, group -> state = new Counting(), onFailed);
  }

  private void submit() throws Exception {
    Awaitility.await().until(() -> network.group(1).leadership().isPresent());
    long term = network.group(1).leadership().orElseThrow().term();
    var _ = network.group(1).submit(term, ByteBuffer.allocate(4)).get(20, TimeUnit.SECONDS);
  }

  private void submitInTerm(ReplicationGroup.Leadership leads) {
    var _ = network.group(1).submit(leads.term(), ByteBuffer.allocate(4));
  }

  /** When the entry fails, a checkpoint waits for its turn, and the next entry for its own. */
  @Test
  void noCheckpointIsTakenOfHalfAnEntryAndNoneIsAppliedTwice() throws Exception {
    CountDownLatch failed = new CountDownLatch(1);
    RaftBroker broker = start(false, (id, reason, cause) -> failed.countDown());
    for (int i = 0; i < 10; i++) {
      submit();
    }
    Counting first = state;
    CompletableFuture<Void> checkpoint = new CompletableFuture<>();
    first.beforeError =
        () -> {
          long committed = broker.status(1).commitIndex();
          network.group(1).leadership().ifPresent(this::submitInTerm);
          Awaitility.await().until(() -> broker.status(1).commitIndex() > committed);
          Thread.startVirtualThread(() -> checkpointInto(checkpoint, broker));
          Awaitility.await().until(ApplyErrorTest::aCheckpointWaitsForItsTurn);
        };
    failAt = 11;

    submit();

    assertThat(failed.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(checkpoint)
        .failsWithin(Duration.ofSeconds(20))
        .withThrowableThat()
        .withStackTraceContaining("state is broken");
    broker.close();
    assertThat(first.captured).doesNotContain(11);
    assertThat(first.count).isEqualTo(11);
    failAt = -1;
    RaftBroker again = start(true, (id, reason, cause) -> {});
    submit();
    assertThat(state.count).isEqualTo(13);
    again.close();
  }

  private static void checkpointInto(CompletableFuture<Void> done, RaftBroker broker) {
    try {
      broker.checkpoint(1);
      done.complete(null);
    } catch (IOException | RuntimeException e) {
      done.completeExceptionally(e);
    }
  }

  /** Whether the chores' thread is at the lock that an entry is applied under. */
  private static boolean aCheckpointWaitsForItsTurn() {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(each -> each.getKey().getName().equals("ottla-chores-1"))
        .anyMatch(
            each ->
                each.getKey().getState() == Thread.State.WAITING
                    && Arrays.stream(each.getValue())
                        .anyMatch(frame -> frame.getMethodName().equals("capture")));
  }

  @Test
  void aFailedBrokerIsClosedThoughItsListenerThrows() throws Exception {
    RaftBroker broker =
        start(
            false,
            (id, reason, cause) -> {
              throw new IllegalStateException("the life cycle is shut down");
            });
    submit();
    failAt = 2;
    var _ =
        network
            .group(1)
            .submit(network.group(1).leadership().orElseThrow().term(), ByteBuffer.allocate(4));

    Awaitility.await().until(() -> state.closed);
    broker.close();
  }

  @Test
  void anErrorInAChoreFailsTheBroker() throws Exception {
    CountDownLatch failed = new CountDownLatch(1);
    RaftBroker broker = start(false, (id, reason, cause) -> failed.countDown());
    submit();
    state.errorInCapture = true;

    Awaitility.await()
        .until(
            () -> {
              network.group(1).leadership().ifPresent(this::submitInTerm);
              return failed.getCount() == 0;
            });
    broker.close();
  }

  /** Counts entries; the first half of an entry is the count, the second may fail. */
  private final class Counting implements ReplicatedState {
    private volatile int count;
    private volatile boolean closed;
    private volatile boolean errorInCapture;

    /** Done by the failing entry's thread. */
    private volatile Runnable beforeError = () -> {};

    /** The count at each capture. */
    private final List<Integer> captured = new CopyOnWriteArrayList<>();

    @Override
    public void restore(Optional<byte[]> checkpoint) {
      count = checkpoint.map(bytes -> ByteBuffer.wrap(bytes).getInt()).orElse(0);
    }

    @Override
    public ByteBuffer apply(Entry entry) {
      int next = count + 1;
      count = next;
      if (next == failAt) {
        beforeError.run();
        throw new OutOfMemoryError("Cannot reserve bytes of direct buffer memory");
      }
      return ByteBuffer.allocate(0);
    }

    @Override
    public Capture capture() {
      if (errorInCapture) {
        throw new StackOverflowError();
      }
      int now = count;
      captured.add(now);
      return new Capture() {
        @Override
        public void force() {}

        @Override
        public byte[] state() {
          return ByteBuffer.allocate(4).putInt(now).array();
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
    public void close() {
      closed = true;
    }
  }
}
