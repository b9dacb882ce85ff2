package io.ottla.client;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/**
 * Records of one partition that are sent together, as the text of their events with commas between
 * them. Filled under the accumulator's lock; from then on it is the sender's. Its end may be
 * awaited by any thread.
 */
final class Batch {
  private final TopicPartition partition;
  private final long createdNanos;
  private final Bytes events;
  private final List<Pending> records = new ArrayList<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private long costBytes;
  private int units;
  private boolean done;

  Batch(TopicPartition partition, long createdNanos, int capacityBytes) {
    this.partition = partition;
    this.createdNanos = createdNanos;
    this.events = new Bytes(capacityBytes);
  }

  /** Who waits for a record, and where its event ends. */
  private record Pending(
      CompletableFuture<RecordMetadata> future, Callback callback, long timestamp, int toBytes) {}

  void add(EncodedEvent event, CompletableFuture<RecordMetadata> future, Callback callback) {
    if (!records.isEmpty()) {
      events.add((byte) ',');
    }
    events.ascii(EncodedEvent.opening(partition.partition())).add(event.members());
    units += event.units();
    costBytes += event.costBytes();
    records.add(new Pending(future, callback, event.timestamp(), events.size()));
  }

  TopicPartition partition() {
    return partition;
  }

  long createdNanos() {
    return createdNanos;
  }

  int sizeBytes() {
    return events.size();
  }

  int count() {
    return records.size();
  }

  /** What it takes of the buffer's memory. */
  long costBytes() {
    return costBytes;
  }

  /** What counts against the bounds of a request beside the bytes. */
  int units() {
    return units;
  }

  void writeTo(OutputStream out) throws IOException {
    events.writeTo(out);
  }

  /** Whether every record has been answered or given up. */
  boolean isDone() {
    return done;
  }

  /** Every record was appended, the first one at that offset. */
  void complete(long firstOffset) {
    done = true;
    for (int i = 0; i < records.size(); i++) {
      Pending record = records.get(i);
      RecordMetadata metadata =
          new RecordMetadata(
              partition.topic(), partition.partition(), firstOffset + i, record.timestamp());
      tell(record.callback(), metadata, null);
      record.future().complete(metadata);
    }
    ended.countDown();
  }

  /** No record is known to be appended. */
  void fail(OttlaException failure) {
    done = true;
    for (Pending record : records) {
      tell(record.callback(), null, failure);
      record.future().completeExceptionally(failure);
    }
    ended.countDown();
  }

  /** Takes out one record and gives it up; the others stay as they are. */
  void failOne(int index, OttlaException failure) {
    Pending record = records.get(index);
    int from = index == 0 ? 0 : records.get(index - 1).toBytes();
    boolean first = index == 0 && records.size() > 1;
    int size = record.toBytes() - from + (first ? 1 : 0);
    events.remove(from, from + size);
    records.remove(index);
    for (int i = index; i < records.size(); i++) {
      Pending later = records.get(i);
      records.set(
          i,
          new Pending(later.future(), later.callback(), later.timestamp(), later.toBytes() - size));
    }
    tell(record.callback(), null, failure);
    record.future().completeExceptionally(failure);
    if (records.isEmpty()) {
      done = true;
      ended.countDown();
    }
  }

  /** Waits until every record has been answered or given up. */
  void awaitEnd() throws InterruptedException {
    ended.await();
  }

  /** Tells a callback, if there is one; its failure is nobody else's. */
  static void tell(Callback callback, RecordMetadata metadata, OttlaException failure) {
    if (callback == null) {
      return;
    }
    try {
      callback.onCompletion(metadata, failure);
    } catch (RuntimeException e) {
      System.getLogger(OttlaProducer.class.getName())
          .log(System.Logger.Level.WARNING, "a callback failed", e);
    }
  }
}
