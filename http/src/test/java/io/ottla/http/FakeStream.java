package io.ottla.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.ottla.broker.Answer;
import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.produce.ProduceEvents.StreamRequest;
import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.broker.produce.ProduceStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.zip.CRC32;

/**
 * A topic of three partitions that keeps what it is given, as copies. Commits are let through by a
 * gate, and may be refused.
 */
final class FakeStream implements ProduceStream {
  static final String TOO_LARGE_KEY = "too large";

  /** The values that were committed, in order; a tombstone is an empty string. */
  final List<String> values = new CopyOnWriteArrayList<>();

  final List<String> keys = new CopyOnWriteArrayList<>();
  final List<Long> lines = new CopyOnWriteArrayList<>();
  final List<Integer> pieces = new CopyOnWriteArrayList<>();
  final Semaphore gate = new Semaphore(1 << 20);
  final CRC32 checksum = new CRC32();
  boolean keeps = true;
  volatile long count;
  volatile boolean finished;
  volatile Refusal refusal;
  volatile long refusesFrom = Long.MAX_VALUE;
  volatile StreamRequest request;
  private final SortedMap<Integer, Extent> extents = new TreeMap<>();

  Answer<ProduceStream> open(StreamRequest asked) {
    request = asked;
    return asked.topic().equals("none")
        ? Answer.refused(
            Refusal.of(RefusalCode.TOPIC_NOT_FOUND, "there is no topic none").notAppended())
        : Answer.ok(this);
  }

  @Override
  public Refusal check(Event event) {
    return event.key() != null && text(event.key()).equals(TOO_LARGE_KEY)
        ? Refusal.of(RefusalCode.RECORD_TOO_LARGE, "too large").notAppended()
        : null;
  }

  @Override
  public Optional<Refusal> append(List<NumberedEvent> events) {
    gate.acquireUninterruptibly();
    long before = count;
    if (before + events.size() > refusesFrom) {
      return Optional.of(refusal);
    }
    pieces.add(events.size());
    List<String> newValues = new ArrayList<>();
    List<String> newKeys = new ArrayList<>();
    List<Long> newLines = new ArrayList<>();
    for (NumberedEvent event : events) {
      ByteBuffer value = event.event().value();
      if (keeps) {
        newValues.add(value == null ? "" : text(value));
        newKeys.add(event.event().key() == null ? "" : text(event.event().key()));
        newLines.add(event.line());
      }
      if (value != null) {
        checksum.update(value.duplicate());
      }
      int partition = (int) (event.line() % 3);
      long offset = extents.containsKey(partition) ? extents.get(partition).last() + 1 : 0;
      extents.merge(
          partition,
          new Extent(offset, offset, 1),
          (extent, one) -> new Extent(extent.first(), one.last(), extent.count() + 1));
    }
    values.addAll(newValues);
    keys.addAll(newKeys);
    lines.addAll(newLines);
    count = before + events.size();
    return Optional.empty();
  }

  @Override
  public Optional<Refusal> finish() {
    finished = true;
    return Optional.empty();
  }

  @Override
  public Progress progress() {
    return new Progress(count, new TreeMap<>(extents));
  }

  private static String text(ByteBuffer bytes) {
    return UTF_8.decode(bytes.duplicate()).toString();
  }
}
