package io.ottla.broker.consume;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.ottla.broker.Answer;
import io.ottla.broker.Refusal;
import io.ottla.broker.consume.PollResult.PartitionRecords;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/** A partition's events as they come, without a consumer. */
final class PartitionStream implements EventStream {
  private final PartitionTail tail;
  private final StreamPace pace;
  private long givenNanos = System.nanoTime();

  /** Whether the last part was all there was: whoever is behind need not wait for more. */
  private boolean mayGather;

  private Part before = new Part(List.of(), new FixedIds(new byte[0]), List.of());
  private volatile boolean ended;

  PartitionStream(PartitionTail tail, StreamPace pace) {
    this.tail = tail;
    this.pace = pace;
  }

  /** A place is the next offset, in decimal. */
  private record OffsetIds(long startOffset) implements EventIds {
    @Override
    public byte[] start() {
      return after(0, startOffset);
    }

    @Override
    public byte[] after(int index, long nextOffset) {
      return Long.toString(nextOffset).getBytes(US_ASCII);
    }
  }

  @Override
  public OptionalLong consumerId() {
    return OptionalLong.empty();
  }

  @Override
  public Answer<Part> next(Duration maxWait) throws InterruptedException {
    long startNanos = System.nanoTime();
    if (mayGather) {
      pace.await(givenNanos);
    }
    while (true) {
      Duration left = maxWait.minusNanos(System.nanoTime() - startNanos);
      switch (tail.next(left)) {
        case Answer.Ok<FetchResult>(FetchResult result) -> {
          return Answer.ok(part(result));
        }
        case Answer.Refused<FetchResult>(Refusal refusal) -> {
          if (!refusal.code().retriable()) {
            return Answer.refused(refusal);
          }
          if (ended || !left.isPositive()) {
            return Answer.ok(before);
          }
          tail.pause();
        }
      }
    }
  }

  private Part part(FetchResult result) {
    long at = result.runs().isEmpty() ? result.nextOffset() : result.startOffset();
    OffsetIds ids = new OffsetIds(at);
    before = new Part(List.of(), new FixedIds(ids.after(0, result.nextOffset())), List.of());
    if (result.runs().isEmpty()) {
      return before;
    }
    mayGather = result.nextOffset() >= result.endOffset();
    givenNanos = System.nanoTime();
    pace.given(givenNanos);
    var partition = new PollResult.TopicPartition(result.topic(), result.partition());
    return new Part(List.of(new PartitionRecords(partition, result.runs())), ids, List.of());
  }

  @Override
  public void end() {
    ended = true;
    tail.end();
  }

  @Override
  public void close() {
    tail.close();
  }
}
