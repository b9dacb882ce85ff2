package io.ottla.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.disk.SystemDisk;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.server.storage.RaftStorageDirectory;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a replica knows of its journal between two steps of a change. */
class JournalledStateTest {
  @TempDir Path broker;

  /** The journal's entries in memory, their terms by index. */
  private final TreeMap<Long, Long> entries = new TreeMap<>();

  private long flushIndex;
  private final JournalledState state = new JournalledState(new SystemDisk()) {};

  @BeforeEach
  void tenEntriesAreForced() throws Exception {
    Path current = Files.createDirectories(broker.resolve("raft/group/current"));
    RaftStorageDirectory directory = proxy(RaftStorageDirectory.class, (_, _) -> current.toFile());
    RaftStorage storage = proxy(RaftStorage.class, (_, _) -> directory);
    RaftServer server = proxy(RaftServer.class, (_, _) -> RaftPeerId.valueOf("one"));
    state.initialize(server, RaftGroupId.randomId(), storage);
    add(2, 1, 10);
    flushIndex = 10;
    state.flush(10).get();
  }

  private interface Answers {
    Object to(String name, Object[] arguments);
  }

  private static <T> T proxy(Class<T> type, Answers answers) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, arguments) -> answers.to(method.getName(), arguments)));
  }

  private RaftLog journal() {
    return proxy(
        RaftLog.class,
        (name, arguments) ->
            switch (name) {
              case "getFlushIndex" -> flushIndex;
              case "getTermIndex" -> entry((Long) arguments[0]);
              case "getLastEntryTermIndex" -> entry(entries.lastKey());
              default -> throw new AssertionError(name);
            });
  }

  private TermIndex entry(long index) {
    return entries.containsKey(index) ? TermIndex.valueOf(entries.get(index), index) : null;
  }

  private void add(long term, long from, long to) {
    for (long index = from; index <= to; index++) {
      entries.put(index, term);
    }
  }

  @Test
  void anEntryThatIsForcedBeforeItIsInMemoryHidesNothingBelowIt() {
    flushIndex = 11;

    assertThat(state.forced(journal())).isEqualTo(TermIndex.valueOf(2, 10));
  }

  @Test
  void aCutThatIsNotAnnouncedYetHidesNothingBelowIt() {
    entries.tailMap(8L, true).clear();

    assertThat(state.forced(journal())).isEqualTo(TermIndex.valueOf(2, 7));
  }

  @Test
  void whileEntriesAreCutOffThoseBelowAreToldAndThoseInTheirPlacesAreNot() throws Exception {
    CompletableFuture<Void> cut = state.truncate(8);
    entries.tailMap(8L, true).clear();
    add(3, 8, 12);
    assertThat(state.forced(journal())).isEqualTo(TermIndex.valueOf(2, 7));

    cut.get();
    flushIndex = 7;
    assertThat(state.forced(journal())).isEqualTo(TermIndex.valueOf(2, 7));

    state.flush(12).get();
    flushIndex = 12;
    assertThat(state.forced(journal())).isEqualTo(TermIndex.valueOf(3, 12));
  }

  @Test
  void aSecondCutThatIsStillToComeHidesNothingThatWasForcedAfterTheFirst() throws Exception {
    state.truncate(4).get();
    entries.tailMap(4L, true).clear();
    flushIndex = 3;
    add(3, 4, 9);
    var _ = state.truncate(8);
    entries.tailMap(8L, true).clear();
    state.flush(7).get();
    flushIndex = 7;

    assertThat(state.forced(journal())).isEqualTo(TermIndex.valueOf(3, 7));
  }

  @Test
  void onlyAClosedJournalsThreadIsWokenAndOnlyWhileItWaitsForWork() throws Exception {
    AtomicBoolean opened = new AtomicBoolean(true);
    RaftLog journal = proxy(RaftLog.class, (_, _) -> opened.get());
    CountDownLatch written = new CountDownLatch(1);
    AtomicBoolean working = new AtomicBoolean(true);
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .start(
                () -> {
                  var _ = state.flush(11);
                  written.countDown();
                  while (working.get()) {
                    Thread.onSpinWait();
                  }
                  LockSupport.parkNanos(TimeUnit.HOURS.toNanos(1));
                });
    written.await();
    opened.set(false);
    state.wake(() -> journal);
    assertThat(thread.isInterrupted()).isFalse();
    opened.set(true);
    working.set(false);
    Awaitility.await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
    state.wake(() -> journal);
    assertThat(thread.isInterrupted()).isFalse();

    opened.set(false);
    state.wake(() -> journal);

    assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
  }
}
