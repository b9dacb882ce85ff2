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
 * The group's apply thread changes it; {@link #lastUsedMs} any thread.
 */
final class PartitionProducers {
  private final Map<ProducerKey, SequenceWindow> windows = new ConcurrentHashMap<>();

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

    static Snapshot readFrom(DataInputStream in) throws IOException {
      SortedMap<ProducerKey, SequenceWindow.Snapshot> windows = new TreeMap<>();
      int count = in.readInt();
      for (int i = 0; i < count; i++) {
        ProducerKey producer =
            new ProducerKey(in.readLong(), in.readShort(), ProducerClaim.Kind.of(in.readByte()));
        windows.put(producer, SequenceWindow.Snapshot.readFrom(in));
      }
      return new Snapshot(windows);
    }
  }

  /** Remembers nothing. */
  PartitionProducers() {
    this(Snapshot.EMPTY);
  }

  /** As it was. */
  PartitionProducers(Snapshot saved) {
    saved
        .windows()
        .forEach((producer, window) -> windows.put(producer, new SequenceWindow(window)));
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
    SequenceWindow window = windows.computeIfAbsent(claim.producer(), _ -> new SequenceWindow());
    window.touch(nowMs);
    SequenceProgress before = window.find(claim.sequence());
    window.put(
        claim.sequence(),
        before == null
            ? new SequenceProgress(
                claim.after(), baseOffset, baseOffset + count - 1, count, claim.timestampMs())
            : before.plus(claim.after(), baseOffset, count));
  }

  /** Forgets all about these producers. */
  void forget(Collection<Long> producerIds) {
    windows.keySet().removeIf(producer -> producerIds.contains(producer.producerId()));
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
