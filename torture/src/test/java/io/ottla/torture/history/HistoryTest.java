package io.ottla.torture.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.testkit.Api;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class HistoryTest {
  private static final Place PLACE = new Place("orders", 0);
  private static final Place OTHER = new Place("orders", 1);

  private final Findings findings = new Findings();
  private final History history = new History(7, findings);
  private final int process = history.newProcess();
  private final List<Long> sent = List.of(event(), event(), event());

  @Test
  void aHistoryThatIsAsItShouldBePasses() {
    long refused = event();
    acked(0, 1, 2);
    history.failed(refused);
    event();

    readAll(0, 1, 2);

    assertThat(findings.lines()).isEmpty();
    assertThat(history.ackedCount()).isEqualTo(3);
    assertThat(history.failedCount()).isEqualTo(1);
    assertThat(history.unknownCount()).isEqualTo(1);
  }

  @Test
  void everyKindOfContentSurvivesTheWay() {
    for (int i = 0; i < 2_000; i++) {
      read(PLACE, i, event(), true);
    }

    assertThat(findings.lines()).isEmpty();
  }

  @Test
  void whatNobodyKnewMayBeThere() {
    acked(0);

    readAll(0, 1);

    assertThat(findings.lines()).isEmpty();
  }

  @Test
  void anOffsetThatShowsAnotherEventIsFound() {
    acked(0, 1);

    read(PLACE, 1, sent.get(2), false);

    assertThat(findings.counts()).containsKey(Anomaly.INCONSISTENT_OFFSET);
  }

  @Test
  void anEventThatIsNotWhereItsAnswerSaidIsFound() {
    acked(0);

    read(OTHER, 0, sent.getFirst(), false);

    assertThat(findings.counts()).containsOnlyKeys(Anomaly.INCONSISTENT_OFFSET);
  }

  @Test
  void twoAcknowledgementsOfOneOffsetAreFound() {
    history.acked(sent.get(0), PLACE, 5);
    history.acked(sent.get(1), PLACE, 5);

    assertThat(findings.counts()).containsOnlyKeys(Anomaly.INCONSISTENT_OFFSET);
  }

  @Test
  void anEventThatFailedAndIsThereIsFound() {
    acked(0);
    history.failed(sent.get(1));

    readAll(0, 1);

    assertThat(findings.counts()).containsOnlyKeys(Anomaly.ABORTED_READ);
  }

  @Test
  void anAckedEventThatIsMissingBelowTheEndIsFound() {
    acked(0, 1, 2);

    read(PLACE, 0, sent.get(0), true);
    read(PLACE, 2, sent.get(2), true);
    history.readToTheEnd(PLACE, 3);
    history.judge();

    assertThat(findings.counts()).containsOnlyKeys(Anomaly.LOST_WRITE);
  }

  @Test
  void anEventThatWasReadOnceAndIsMissingIsFound() {
    read(PLACE, 0, sent.get(0), false);

    history.readToTheEnd(PLACE, 1);
    history.judge();

    assertThat(findings.counts()).containsOnlyKeys(Anomaly.LOST_WRITE);
  }

  @Test
  void anAckedEventBehindTheEndIsFound() {
    acked(0, 1, 2);

    readAll(0, 1);

    assertThat(findings.counts()).containsOnlyKeys(Anomaly.UNSEEN);
  }

  @Test
  void anAckWithoutAnOffsetCountsToo() {
    history.acked(sent.get(0), PLACE, -1);

    history.judge();

    assertThat(findings.counts()).containsOnlyKeys(Anomaly.UNSEEN);
  }

  @Test
  void anEventAtTwoOffsetsIsFound() {
    acked(0);

    readAll(0, 0);

    assertThat(findings.counts()).containsOnlyKeys(Anomaly.DUPLICATE);
  }

  @Test
  void anEventThatNobodySentIsFound() {
    ObjectNode stranger = history.event(EventId.of(process, 99)).put("offset", 0);

    history.read(PLACE, stranger, false);

    assertThat(findings.counts()).containsOnlyKeys(Anomaly.PHANTOM);
  }

  @Test
  void changedContentIsFound() {
    List<String> changes = List.of("key", "timestamp", "headers", "value");
    for (int i = 0; i < changes.size(); i++) {
      ObjectNode event = history.event(event()).put("offset", i);
      if (changes.get(i).equals("value")) {
        ((ObjectNode) event.get("value")).put("filling", "something else");
      } else if (changes.get(i).equals("headers")) {
        event.set("headers", Api.object().put("h0", "other"));
      } else if (changes.get(i).equals("key")) {
        event.put("key", "other");
      } else {
        event = withTimestamp(i).put("timestamp", 1);
      }
      history.read(PLACE, event, false);
    }

    assertThat(findings.counts()).containsEntry(Anomaly.CORRUPT, 4);
  }

  private ObjectNode withTimestamp(int offset) {
    ObjectNode event = history.event(event());
    while (!event.has("timestamp")) {
      event = history.event(event());
    }
    return event.put("offset", offset);
  }

  @Test
  void aValueThatIsNotOursIsFound() {
    history.read(PLACE, Api.object().put("offset", 0).put("value", "x"), false);

    assertThat(findings.counts()).containsOnlyKeys(Anomaly.CORRUPT);
  }

  @Test
  void aStartThatMovesIsFound() {
    history.started(PLACE, 0);
    assertThat(findings.isEmpty()).isTrue();

    history.started(PLACE, 10);
    history.started(PLACE, 9);

    assertThat(findings.counts()).containsEntry(Anomaly.EARLY_RETENTION, 2);
  }

  private long event() {
    return history.newEvent(process);
  }

  /** Those events are acked at the offsets of their own number. */
  private void acked(int... events) {
    for (int event : events) {
      history.acked(sent.get(event), PLACE, event);
    }
  }

  /** The last reader finds those events one after the other. */
  private void readAll(int... events) {
    for (int i = 0; i < events.length; i++) {
      read(PLACE, i, sent.get(events[i]), true);
    }
    history.readToTheEnd(PLACE, events.length);
    history.judge();
  }

  private void read(Place place, long offset, long id, boolean atTheEnd) {
    ObjectNode event = history.event(id).put("offset", offset);
    if (!event.has("headers")) {
      event.set("headers", Api.object());
    }
    if (!event.has("timestamp")) {
      event.put("timestamp", 1_800_000_000_000L);
    }
    history.read(place, event, atTheEnd);
  }
}
