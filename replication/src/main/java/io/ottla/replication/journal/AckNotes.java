package io.ottla.replication.journal;

import io.ottla.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.apache.ratis.server.protocol.TermIndex;

/**
 * One broker's durable notes of what its replicas have acked. A replica that holds less than its
 * note says has lost something, however whole its files look. Thread-safe: a thread of its own
 * writes, never interrupted, so that a long checkpoint holds up no vote.
 *
 * <p>A note may be older than the truth by the time between two writes, never newer: it names only
 * what is forced.
 */
public final class AckNotes implements AutoCloseable {
  private static final int PERIODS_PER_FORCE = 10;

  private final NoteFile file;
  private final boolean whole;
  private final ScheduledExecutorService thread;

  /** What {@link #soon} does; nothing before {@link #every}. */
  private volatile Runnable forced = () -> {};

  /** When a write was forced last, long ago at first; the thread's own. */
  private long forcedNanos = System.nanoTime() - TimeUnit.DAYS.toNanos(1);

  /** Whether there is anything that is not known to be forced; the thread's own. */
  private boolean unforced;

  /** Makes the new notes from the old ones. */
  @FunctionalInterface
  public interface Change {
    Map<UUID, GroupNote> apply(Map<UUID, GroupNote> old) throws IOException;
  }

  /** Replaced, never changed; written by the thread only. */
  private volatile Map<UUID, GroupNote> notes;

  private AckNotes(
      NoteFile file, Optional<Map<UUID, GroupNote>> notes, ScheduledExecutorService thread) {
    this.file = file;
    this.whole = notes.isPresent();
    this.notes = Map.copyOf(notes.orElse(Map.of()));
    this.unforced = whole; // whoever wrote it may have been killed before it was forced
    this.thread = thread;
  }

  /**
   * Reads a broker's notes; a missing file is no error.
   *
   * @param broker the broker's directory, which exists
   */
  public static AckNotes open(Disk disk, Path broker, int brokerId) throws IOException {
    NoteFile.Opened opened = NoteFile.open(disk, broker);
    return new AckNotes(
        opened.file(),
        opened.notes(),
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("ottla-acked-" + brokerId).factory()));
  }

  /**
   * What a broker's notes say of a group, touching nothing; empty when nothing is noted.
   *
   * @param broker the broker's directory, which may be missing
   */
  public static Optional<GroupNote> look(Disk disk, Path broker, UUID group) throws IOException {
    return NoteFile.look(disk, broker).map(notes -> notes.get(group));
  }

  /** Whether a whole file was found: false for data of an older build, or for a damaged one. */
  public boolean foundWhole() {
    return whole;
  }

  /** What is noted of each group. */
  public Map<UUID, GroupNote> all() {
    return notes;
  }

  /** What is noted of a group; empty if nothing ever was. */
  public Optional<GroupNote> of(UUID group) {
    return Optional.ofNullable(notes.get(group));
  }

  /** Changes the note of a group; it is durable when this returns. Does nothing if it is equal. */
  public void change(UUID group, UnaryOperator<GroupNote> change) throws IOException {
    call(
        () -> {
          Map<UUID, GroupNote> changed = new HashMap<>(notes);
          changed.put(group, change.apply(changed.getOrDefault(group, GroupNote.NOTHING)));
          write(changed);
          return null;
        });
  }

  /**
   * The group's replica has been rebuilt and its journal is empty: it has acked exactly what the
   * checkpoint holds. Durable when this returns; called before the copy's marker goes.
   */
  public void rebuilt(UUID group, TermIndex checkpoint) throws IOException {
    change(group, note -> note.withEnd(checkpoint));
  }

  /**
   * Writes again and again what has changed. It outlives the process at once, and a power cut after
   * at most ten times the period.
   *
   * @param newest makes them
   * @param onFailed told of the first failure, which is the last try
   */
  public void every(long periodMs, Change newest, Consumer<Throwable> onFailed) {
    long forceNanos = TimeUnit.MILLISECONDS.toNanos(periodMs * PERIODS_PER_FORCE);
    forced = orTell(() -> write(newest.apply(notes)), onFailed);
    Runnable periodic =
        orTell(
            () -> {
              if (System.nanoTime() - forcedNanos >= forceNanos) {
                write(newest.apply(notes));
              } else {
                writeUnforced(newest.apply(notes));
              }
            },
            onFailed);
    var _ = thread.scheduleWithFixedDelay(periodic, periodMs, periodMs, TimeUnit.MILLISECONDS);
  }

  private interface Work {
    void run() throws IOException;
  }

  private static Runnable orTell(Work work, Consumer<Throwable> onFailed) {
    return () -> {
      try {
        work.run();
      } catch (Throwable e) {
        onFailed.accept(e);
        throw new IllegalStateException(e);
      }
    };
  }

  /** Writes what has changed as soon as it can, without waiting for the next period; forced. */
  public void soon() {
    try {
      thread.execute(forced);
    } catch (RejectedExecutionException e) {
      // Closed: the broker's end has noted what there was.
    }
  }

  /** Writes what has changed now; it is durable when this returns. */
  public void now(Change newest) throws IOException {
    call(
        () -> {
          write(newest.apply(notes));
          return null;
        });
  }

  private void write(Map<UUID, GroupNote> changed) throws IOException {
    if (unforced || !changed.equals(notes)) {
      file.write(changed);
      notes = Map.copyOf(changed);
      unforced = false;
    }
    forcedNanos = System.nanoTime();
  }

  private void writeUnforced(Map<UUID, GroupNote> changed) throws IOException {
    if (!changed.equals(notes)) {
      file.writeUnforced(changed);
      notes = Map.copyOf(changed);
      unforced = true;
    }
  }

  /** Waits for it whatever happens. */
  private void call(Callable<Void> work) throws IOException {
    Future<Void> done;
    try {
      done = thread.submit(work);
    } catch (RejectedExecutionException e) {
      throw new IOException("broker is closed", e);
    }
    try {
      Uninterrupted.await(done::get);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Waits until what is being written is durable; nothing is written afterwards. */
  @Override
  public void close() throws IOException {
    thread.shutdown();
    Uninterrupted.await(
        () -> {
          while (!thread.awaitTermination(1, TimeUnit.DAYS)) {
            // it is never given up
          }
        });
    file.close();
  }
}
