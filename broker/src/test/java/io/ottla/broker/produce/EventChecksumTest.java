package io.ottla.broker.produce;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.broker.store.ProducerClaim.Mark;
import io.ottla.log.Header;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What makes other events of a sequence's. */
class EventChecksumTest {
  private static final long NOW = 1_732_000_000_000L;

  @Test
  void everyPartOfAnEventCounts() {
    List<Event> different =
        List.of(
            event("k", "v", NOW),
            event("l", "v", NOW),
            event("", "v", NOW),
            event(null, "v", NOW),
            event("k", "w", NOW),
            event("k", "", NOW),
            event("k", null, NOW),
            event("kv", "", NOW),
            event("k", "v", NOW + 1),
            event("k", "v", Event.NO_TIMESTAMP),
            event("k", "v", NOW, header("a", "1")),
            event("k", "v", NOW, header("b", "1")),
            event("k", "v", NOW, header("a", "2")),
            event("k", "v", NOW, header("a", "")),
            event("k", "v", NOW, header("a", null)),
            event("k", "v", NOW, header("a1", "")),
            event("k", "v", NOW, header("a", "1"), header("a", "2")),
            event("k", "v", NOW, header("a", "2"), header("a", "1")));
    EventChecksum checksum = new EventChecksum();

    List<Long> sums = new ArrayList<>();
    for (Event event : different) {
      sums.add(checksum.after(Mark.START, 0, event).checksum());
    }

    assertThat(sums).doesNotHaveDuplicates();
  }

  @Test
  void theLineAndAllEventsBeforeCount() {
    Event first = event("k", "v", NOW);
    Event second = event("k", "w", NOW);
    EventChecksum checksum = new EventChecksum();

    Mark behindFirst = checksum.after(Mark.START, 0, first);
    Mark behindSecond = checksum.after(Mark.START, 0, second);

    assertThat(List.of(behindFirst, checksum.after(Mark.START, 1, first)))
        .extracting(Mark::checksum)
        .doesNotHaveDuplicates();
    assertThat(checksum.after(behindFirst, 1, second))
        .isNotEqualTo(checksum.after(behindSecond, 1, second));
    assertThat(checksum.after(behindFirst, 1, second))
        .isNotEqualTo(checksum.after(behindSecond, 1, first));
  }

  @Test
  void theSameEventIsTheSameWhereverItsBytesLie() {
    byte[] bytes = "..kv..".getBytes(UTF_8);
    Event within =
        new Event(2, ByteBuffer.wrap(bytes, 2, 1), ByteBuffer.wrap(bytes, 3, 1), List.of(), NOW);

    assertThat(new EventChecksum().after(Mark.START, 0, within))
        .isEqualTo(new EventChecksum().after(Mark.START, 0, event("k", "v", NOW)));
  }

  private static Event event(String key, String value, long timestampMs, Header... headers) {
    return new Event(null, text(key), text(value), List.of(headers), timestampMs);
  }

  private static Header header(String name, String value) {
    return new Header(name, value == null ? null : value.getBytes(UTF_8));
  }

  private static ByteBuffer text(String text) {
    return text == null ? null : ByteBuffer.wrap(text.getBytes(UTF_8));
  }
}
