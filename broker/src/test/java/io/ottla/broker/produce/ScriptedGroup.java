package io.ottla.broker.produce;

import io.ottla.broker.PartitionWaiters.PartitionId;
import io.ottla.broker.store.DataCommand;
import io.ottla.broker.store.DataEntry;
import io.ottla.broker.store.DataResult;
import io.ottla.broker.store.DataResults;
import io.ottla.broker.store.ProducerClaim;
import io.ottla.broker.store.ProducerClaim.Mark;
import io.ottla.broker.store.SequenceProgress;
import io.ottla.log.RecordBatch;
import io.ottla.log.StoredRecord;
import io.ottla.replication.ReplicationGroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A group whose outcomes the test decides; what is applied goes to lists of values. */
final class ScriptedGroup implements ReplicationGroup {
  final Map<PartitionId, List<String>> values = new ConcurrentHashMap<>();
  final Set<Integer> missing = ConcurrentHashMap.newKeySet();
  private final Map<List<Object>, SequenceProgress> sequences = new ConcurrentHashMap<>();
  final AtomicInteger inFlight = new AtomicInteger();
  private final BlockingQueue<Submitted> submitted = new LinkedBlockingQueue<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile Optional<Leadership> leadership = Optional.of(new Leadership(1, 1));

  /** An entry that waits for its outcome. */
  final class Submitted {
    final long term;
    final ByteBuffer payload;
    private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();

    private Submitted(long term, ByteBuffer payload) {
      this.term = term;
      this.payload = payload;
    }

    List<DataCommand> commands() {
      try {
        return DataEntry.decode(payload);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void succeed() {
      ByteBuffer results = DataResults.encode(apply());
      complete(new Outcome.Applied(1, results));
    }

    void refuse() {
      complete(new Outcome.NotAppended("refused by the test"));
    }

    void loseTrack(boolean applied) {
      if (applied) {
        apply();
      }
      complete(new Outcome.Unknown("lost by the test"));
    }

    private void complete(Outcome result) {
      inFlight.decrementAndGet();
      outcome.complete(result);
    }

    private List<DataResult> apply() {
      List<DataResult> results = new ArrayList<>();
      for (DataCommand command : commands()) {
        results.add(applyTo(command));
      }
      return results;
    }
  }

  private DataResult applyTo(DataCommand command) {
    if (!(command instanceof DataCommand.Append append)) {
      return new DataResult.Done();
    }
    if (missing.contains(append.partition())) {
      return new DataResult.NoSuchPartition();
    }
    List<String> log =
        values.computeIfAbsent(
            new PartitionId(append.topicId(), append.partition()), _ -> new ArrayList<>());
    long baseOffset = log.size();
    try {
      RecordBatch batch = RecordBatch.wrap(append.batch());
      batch.verifyChecksum();
      if (append.claim().isPresent()) {
        DataResult known = claim(append, append.claim().get(), baseOffset, batch.recordCount());
        if (known != null) {
          return known;
        }
      }
      for (StoredRecord record : batch.records()) {
        log.add(StandardCharsets.UTF_8.decode(record.value()).toString());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new DataResult.Appended(baseOffset);
  }

  /** Null if the claim is good; it is remembered then. */
  private DataResult claim(
      DataCommand.Append append, ProducerClaim claim, long baseOffset, int count) {
    List<Object> sequence =
        List.of(append.topicId(), append.partition(), claim.producer(), claim.sequence());
    SequenceProgress before = sequences.get(sequence);
    Mark now = before == null ? Mark.START : before.mark();
    if (!now.equals(claim.before())) {
      return new DataResult.Sequence(before);
    }
    sequences.put(
        sequence,
        new SequenceProgress(
            claim.after(),
            before == null ? baseOffset : before.firstOffset(),
            baseOffset + count - 1,
            count + (before == null ? 0 : before.count()),
            before == null ? claim.timestampMs() : before.timestampMs()));
    return null;
  }

  void lead(Leadership newLeadership) {
    leadership = Optional.ofNullable(newLeadership);
    listeners.forEach(Runnable::run);
  }

  /** The next entry; fails if none comes. */
  Submitted next() {
    try {
      Submitted next = submitted.poll(10, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("no entry was submitted");
      }
      return next;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The next entry, or null after a while. */
  Submitted nextWithin(long millis) throws InterruptedException {
    return submitted.poll(millis, TimeUnit.MILLISECONDS);
  }

  boolean isIdle() {
    return submitted.isEmpty();
  }

  @Override
  public int number() {
    return 1;
  }

  @Override
  public Optional<Leadership> leadership() {
    return leadership;
  }

  @Override
  public CompletableFuture<Outcome> submit(long term, ByteBuffer payload) {
    inFlight.incrementAndGet();
    Submitted entry = new Submitted(term, payload);
    submitted.add(entry);
    return entry.outcome;
  }

  @Override
  public void onLeadershipChange(Runnable listener) {
    listeners.add(listener);
  }
}
