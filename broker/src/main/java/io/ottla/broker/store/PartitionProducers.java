package io.ottla.broker.store;

import io.ottla.broker.store.ProducerClaim.Mark;
import io.ottla.broker.store.ProducerClaim.ProducerKey;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What one partition remembers of its producers, so that nothing is appended twice.
 *
 * <h2>Always true</h2>
 *
 * A batch with a claim is appended only if the partition has exactly what the claim says of its
 * sequence before: nothing, or the lines of the same stream up to there.
 *
 * <h2>Threads</h2>
 *
 * The group's apply thread changes it; {@link #lastUsedMs}, {@link #knows} and {@link #wouldForget}
 * any thread.
 */
final class PartitionProducers {
  private final Map<ProducerKey, SequenceWindow> windows = new ConcurrentHashMap<>();
  private final ProducerMemory.Share memory;

  /** What all windows take of {@code memory}. */
  private long sizeBytes;

  /** All windows at one moment, in the order of their producers. Immutable. */
  record Snapshot(SortedMap<ProducerKey, SequenceWindow.Snapshot> windows) {
    static final Snapshot EMPTY = new Snapshot(new TreeMap<>());

    void writeTo(DataOutputStream out) throws IOException {
      out.writeInt(windows.size());
      for (Map.Entry<ProducerKey, SequenceWindow.Snapshot> window : windows.entrySet()) {
        ProducerKey producer = window.getKey();
        out.writeLong(producer.producerId());
        out.writeShort(producer.epoch());
        out.writeByte(producer.kind().id());
        window.getValue().writeTo(out);
      }
    }

    /** How a window is read; it differs by the checkpoint's version. */
    interface WindowReader {
      SequenceWindow.Snapshot read(DataInputStream in) throws IOException;
    }

    static Snapshot readFrom(DataInputStream in, WindowReader reader) throws IOException {
      SortedMap<ProducerKey, SequenceWindow.Snapshot> windows = new TreeMap<>();
      int count = in.readInt();
      for (int i = 0; i < count; i++) {
        ProducerKey producer =
            new ProducerKey(in.readLong(), in.readShort(), ProducerClaim.Kind.of(in.readByte()));
        windows.put(producer, reader.read(in));
      }
      return new Snapshot(windows);
    }
  }

  /** Remembers nothing. */
  PartitionProducers(ProducerMemory.Share memory) {
    this(Snapshot.EMPTY, memory);
  }

  /** As it was. */
  PartitionProducers(Snapshot saved, ProducerMemory.Share memory) {
    this.memory = memory;
    saved
        .windows()
        .forEach(
            (producer, window) ->
                windows.put(memory.shared(producer), new SequenceWindow(window, memory)));
    resized();
  }

  /**
   * Why a batch with this claim must not be appended; null if it must be.
   *
   * @param nowMs the entry's time: the producer is in use
   */
  DataResult refusal(ProducerClaim claim, long nowMs) {
    SequenceWindow window = windows.get(claim.producer());
    if (window == null) {
      return claim.before().equals(Mark.START) ? null : new DataResult.SequenceTooOld();
    }
    window.touch(nowMs);
    SequenceProgress progress = window.find(claim.sequence());
    if (progress != null) {
      return progress.mark().equals(claim.before()) ? null : new DataResult.Sequence(progress);
    }
    return window.isForgotten(claim.sequence()) || !claim.before().equals(Mark.START)
        ? new DataResult.SequenceTooOld()
        : null;
  }

  /** A batch with this claim, which had no {@link #refusal}, was appended. */
  void appended(ProducerClaim claim, long baseOffset, int count, long nowMs) {
    SequenceWindow window = windows.get(claim.producer());
    long sizeBefore = 0;
    if (window == null) {
      window = new SequenceWindow(memory);
      windows.put(memory.shared(claim.producer()), window);
    } else {
      sizeBefore = window.sizeBytes();
    }
    window.touch(nowMs);
    SequenceProgress before = window.find(claim.sequence());
    window.put(
        claim.sequence(),
        before == null
            ? new SequenceProgress(
                claim.after(), baseOffset, baseOffset + count - 1, count, claim.timestampMs())
            : before.plus(claim.after(), baseOffset, count));
    add(window.sizeBytes() - sizeBefore);
  }

  /** Whether the producer has appended here and is not forgotten. */
  boolean knows(ProducerKey producer) {
    return windows.containsKey(producer);
  }

  /** Forgets all about these producers. */
  void forget(Collection<Long> producerIds) {
    if (windows.keySet().removeIf(producer -> producerIds.contains(producer.producerId()))) {
      resized();
    }
  }

  /**
   * Forgets all but the last sequences of each producer that was idle: what is older is neither
   * told nor appended any more.
   *
   * @param usedBeforeMs producers that sent something at or after this are left as they are
   */
  void shorten(long usedBeforeMs, int keep) {
    for (SequenceWindow window : windows.values()) {
      if (window.lastUsedMs() < usedBeforeMs) {
        window.keepLast(keep);
      }
    }
    resized();
  }

  /** Whether {@link #shorten} would forget anything now. */
  boolean wouldForget(long usedBeforeMs, int keep) {
    return windows.values().stream()
        .anyMatch(window -> window.lastUsedMs() < usedBeforeMs && window.remembered() > keep);
  }

  /** The partition is dropped: it takes no memory any more. */
  void release() {
    add(-sizeBytes);
  }

  private void resized() {
    long size = 0;
    for (SequenceWindow window : windows.values()) {
      size += window.sizeBytes();
    }
    add(size - sizeBytes);
  }

  private void add(long bytes) {
    sizeBytes += bytes;
    memory.add(bytes);
  }

  /** Adds when each producer last sent something, to what is known of it. */
  void lastUsedMs(Map<Long, Long> latest) {
    windows.forEach(
        (producer, window) -> latest.merge(producer.producerId(), window.lastUsedMs(), Math::max));
  }

  Snapshot snapshot() {
    if (windows.isEmpty()) {
      return Snapshot.EMPTY;
    }
    SortedMap<ProducerKey, SequenceWindow.Snapshot> all = new TreeMap<>();
    windows.forEach((producer, window) -> all.put(producer, window.snapshot()));
    return new Snapshot(all);
  }
}
