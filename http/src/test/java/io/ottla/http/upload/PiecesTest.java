package io.ottla.http.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.broker.produce.ProduceStream.NumberedEvent;
import io.ottla.http.RequestMemory;
import io.ottla.http.upload.Pieces.Piece;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class PiecesTest {
  private static final int MEBIBYTE = 1024 * 1024;
  private static final Duration LONG = Duration.ofSeconds(10);
  private static final NumberedEvent EVENT =
      new NumberedEvent(
          0, new Event(null, null, ByteBuffer.allocate(1), List.of(), Event.NO_TIMESTAMP));

  private final RequestMemory shared = new RequestMemory(MEBIBYTE);
  private final UploadMemory memory = new UploadMemory(shared);
  private final Pieces pieces = new Pieces(memory);

  private static List<NumberedEvent> events(int count) {
    return Collections.nCopies(count, EVENT);
  }

  /** Puts the same again and again, on a thread of its own; how often it has done so. */
  private AtomicInteger putting(List<NumberedEvent> events, int bytes) {
    AtomicInteger puts = new AtomicInteger();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                for (int i = 0; i < 100; i++) {
                  pieces.put(events, bytes, 0);
                  puts.incrementAndGet();
                }
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    return puts;
  }

  @Test
  void aPieceHoldsAMebibyteAtMost() throws InterruptedException {
    AtomicInteger puts = putting(events(1), 300_000);
    await().until(() -> puts.get() == 3);

    int taken = 0;
    while (taken < 100) {
      Piece piece = pieces.take(LONG);
      assertThat(piece.events()).hasSizeLessThanOrEqualTo(3);
      taken += piece.events().size();
      pieces.committed(piece);
    }

    assertThat(taken).isEqualTo(100);
  }

  @Test
  void aPieceHoldsSixteenThousandEventsAtMost() throws InterruptedException {
    AtomicInteger puts = putting(events(1_000), 1);
    await().until(() -> puts.get() == 16);

    assertThat(pieces.take(LONG).events()).hasSize(16_000);
  }

  @Test
  void anEventThatIsLargerIsAPieceByItself() throws InterruptedException {
    AtomicInteger puts = putting(events(1), 5 * MEBIBYTE);
    await().until(() -> puts.get() == 1);

    assertThat(pieces.take(LONG).events()).hasSize(1);
  }

  @Test
  void whatWasPutBeforeTheEndIsTakenBeforeIt() throws InterruptedException {
    pieces.put(events(2), 1, 0);
    pieces.end(null);

    assertThat(pieces.areOver()).isFalse();
    assertThat(pieces.take(LONG).events()).hasSize(2);
    assertThat(pieces.take(LONG)).isNull();
    assertThat(pieces.areOver()).isTrue();
  }

  @Test
  void memoryIsGivenBackWhenThePieceIsCommitted() throws InterruptedException {
    assertThat(memory.tryTake(700_000)).isTrue();
    assertThat(memory.tryTake(700_000)).isFalse();
    pieces.put(events(1), 1, 500_000);
    pieces.release(200_000);

    Piece piece = pieces.take(LONG);
    assertThat(shared.takenBytes()).isEqualTo(700_000);
    assertThat(pieces.isIdle()).isFalse();
    pieces.committed(piece);

    assertThat(shared.takenBytes()).isZero();
    assertThat(pieces.isIdle()).isTrue();
  }

  @Test
  void nobodyWaitsForACommitterThatHasStopped() throws InterruptedException {
    AtomicInteger puts = putting(events(1), MEBIBYTE);
    await().until(() -> puts.get() == 1);

    pieces.stop();
    pieces.awaitIdle();

    await().until(() -> puts.get() == 100);
  }

  @Test
  void aPieceThatNobodyWillCommitMayStillBeOnItsWay() throws InterruptedException {
    pieces.put(events(1), 1, 0);
    pieces.take(LONG);

    pieces.stop();

    pieces.awaitIdle(); // does not wait for ever
    assertThat(pieces.isIdle()).as("its bytes may be written again").isFalse();
  }
}
