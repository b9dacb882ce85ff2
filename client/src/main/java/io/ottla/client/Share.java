package io.ottla.client;

import io.ottla.client.OttlaException.Appended;
import java.util.ArrayList;
import java.util.List;

/** One partition's batches of a request, in order, and what became of them. The sender's. */
final class Share {
  private final List<Batch> batches = new ArrayList<>();
  private boolean maybeAppended;

  void add(Batch batch) {
    batches.add(batch);
  }

  List<Batch> batches() {
    return batches;
  }

  /** Forgets the batches that are done: the next attempt will not carry them. */
  void dropDone() {
    batches.removeIf(Batch::isDone);
  }

  boolean isDone() {
    return batches.stream().allMatch(Batch::isDone);
  }

  /** How many events the last attempt carried. */
  int count() {
    return batches.stream().mapToInt(Batch::count).sum();
  }

  /** An attempt ended of which nobody can tell. */
  void mayBeAppended() {
    maybeAppended = true;
  }

  boolean isMaybeAppended() {
    return maybeAppended;
  }

  /** Everything was appended, the first event at that offset. */
  void complete(long firstOffset) {
    long offset = firstOffset;
    for (Batch batch : batches) {
      if (!batch.isDone()) {
        batch.complete(offset);
      }
      offset += batch.count();
    }
  }

  /** Gives up what is not done yet. */
  void fail(OttlaException failure) {
    OttlaException known = failure.with(maybeAppended ? Appended.UNKNOWN : Appended.NO);
    for (Batch batch : batches) {
      if (!batch.isDone()) {
        batch.fail(known);
      }
    }
  }
}
