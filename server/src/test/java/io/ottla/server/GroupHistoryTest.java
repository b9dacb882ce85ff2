package io.ottla.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.server.GroupHistory.By;
import io.ottla.server.GroupHistory.Commit;
import io.ottla.server.GroupHistory.Delivered;
import io.ottla.server.GroupHistory.Outcome;
import io.ottla.server.GroupHistory.Owned;
import io.ottla.server.GroupHistory.Span;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A checker that has never gone red proves nothing: every kind of bad history is convicted. */
class GroupHistoryTest {
  private static final long SESSION = 1_000;
  private static final int NO_CURSOR = GroupHistory.NO_CURSOR;
  private static final long ANN = 1;
  private static final long BEN = 2;

  private final GroupHistory history = new GroupHistory(SESSION);
  private final History produced = new History();

  /** Every step takes two ticks, so that steps one after the other do not overlap. */
  private long now;

  GroupHistoryTest() {
    LongStream.range(0, 10).forEach(offset -> produced.acked(value(0, offset), 0, offset));
    LongStream.range(0, 10).forEach(offset -> produced.acked(value(1, offset), 1, offset));
    produced.refused("refused");
  }

  @Test
  void acceptsAHandOver() {
    int first = poll(ANN, NO_CURSOR, owned(1, 0, 1), events(0, 0, 3), events(1, 0, 2));
    commit(ANN, By.POSITION, first, Map.of(), Map.of(0, 3L, 1, 2L));
    int told = poll(ANN, NO_CURSOR, revoking(2, 0, 1), events(0, 3, 5));
    commit(ANN, By.CURSOR, told, Map.of(), Map.of(0, 5L, 1, 2L));
    poll(ANN, NO_CURSOR, owned(3, 0), events(0, 5, 6));
    poll(BEN, NO_CURSOR, owned(3, 1), events(1, 2, 10));
    int last = poll(ANN, NO_CURSOR, owned(3, 0), events(0, 6, 10));
    commit(ANN, By.CURSOR, last, Map.of(), Map.of(0, 10L));
    look(Map.of(0, 10L, 1, 10L));

    assertThat(history.contradictions(produced)).isEmpty();
  }

  @Test
  void acceptsThatUncommittedEventsComeAgain() {
    poll(ANN, NO_CURSOR, owned(1, 0), events(0, 0, 5));
    poll(BEN, NO_CURSOR, owned(2, 0), events(0, 0, 4));

    assertThat(history.contradictions(produced)).isEmpty();
  }

  @Test
  void acceptsThatTheSameCursorGivesTheSameAgain() {
    int first = poll(ANN, NO_CURSOR, owned(1, 0), events(0, 0, 3));
    int second = poll(ANN, first, owned(1, 0), events(0, 3, 5));
    commit(ANN, By.CURSOR, second, Map.of(), Map.of(0, 5L));
    poll(ANN, first, owned(1, 0), events(0, 3, 6));

    assertThat(history.contradictions(produced)).isEmpty();
  }

  @Test
  void acceptsThatAMovedCoordinatorStartsAtTheCommit() {
    int first = poll(ANN, NO_CURSOR, owned(1, 0), events(0, 0, 3));
    commit(ANN, By.CURSOR, first, Map.of(), Map.of(0, 3L));
    int second = poll(ANN, NO_CURSOR, owned(1, 0), events(0, 3, 5));
    history.unsettled(step());
    poll(ANN, NO_CURSOR, owned(1, 0), events(0, 3, 4));
    poll(ANN, second, owned(1, 0), events(0, 5, 6));

    assertThat(history.contradictions(produced)).isEmpty();
  }

  @Test
  void acceptsThatExplicitOffsetsLowerACommit() {
    int first = poll(ANN, NO_CURSOR, owned(1, 0), events(0, 0, 5));
    commit(ANN, By.CURSOR, first, Map.of(), Map.of(0, 5L));
    commit(ANN, By.OFFSETS, NO_CURSOR, Map.of(0, 2L), Map.of(0, 2L));
    look(Map.of(0, 2L));
    poll(BEN, NO_CURSOR, owned(2, 0), events(0, 2, 5));

    assertThat(history.contradictions(produced)).isEmpty();
  }

  @Test
  void acceptsThatAnUnansweredCommitLowersUntilTheRestartIsOver() {
    int first = poll(ANN, NO_CURSOR, owned(1, 0), events(0, 0, 5));
    commit(ANN, By.CURSOR, first, Map.of(), Map.of(0, 5L));
    lost(ANN, Map.of(0, 2L));
    history.unsettled(step());
    look(Map.of(0, 2L));

    assertThat(history.contradictions(produced)).isEmpty();
  }

  @Test
  void acceptsThatASeekGoesAnywhere() {
    int first = poll(ANN, NO_CURSOR, owned(1, 0), events(0, 0, 5));
    commit(ANN, By.CURSOR, first, Map.of(), Map.of(0, 5L));
    history.sought(ANN, step());
    poll(ANN, NO_CURSOR, owned(1, 0), events(0, 1, 3));

    assertThat(history.contradictions(produced)).isEmpty();
  }

  @Test
  void convictsTwoOwnersInOneGeneration() {
    poll(ANN, NO_CURSOR, owned(1, 0, 1));
    poll(BEN, NO_CURSOR, owned(1, 1));

    assertThat(only()).isEqualTo("overlap: partition 1 in generation 1 belongs to 1 and to 2");
  }

  @Test
  void convictsAnOwnerBesideOneThatHasNotLetGo() {
    poll(ANN, NO_CURSOR, revoking(2, 0, 1));
    poll(BEN, NO_CURSOR, owned(2, 1));

    assertThat(only()).startsWith("overlap: partition 1 in generation 2");
  }

  @Test
  void convictsAGenerationThatGoesBack() {
    poll(ANN, NO_CURSOR, owned(2, 0));
    poll(BEN, NO_CURSOR, owned(1, 1));

    assertThat(only())
        .startsWith("generation back: 2 was told 1 at ")
        .contains(" after 1 was told 2");
  }

  @Test
  void convictsACursorThatOutlivedItsOwnership() {
    int old = poll(ANN, NO_CURSOR, owned(1, 0), events(0, 0, 3));
    poll(BEN, NO_CURSOR, owned(2, 0), events(0, 0, 2));
    commit(ANN, By.CURSOR, old, Map.of(), Map.of(0, 3L));

    assertThat(only()).startsWith("zombie commit: 1 committed partition 0 by CURSOR, which 2");
  }

  @Test
  void convictsACursorOfAStreamThatOutlivedItsOwnership() {
    int old =
        history.answered(ANN, step(), NO_CURSOR, Optional.empty(), List.of(event(0, 0, "0-0")));
    poll(BEN, NO_CURSOR, owned(2, 0), events(0, 0, 2));
    commit(ANN, By.CURSOR, old, Map.of(), Map.of(0, 1L));

    assertThat(only()).startsWith("zombie commit: 1 committed partition 0 by CURSOR, which 2");
  }

  @Test
  void convictsAPositionThatOutlivedItsOwnership() {
    int old = poll(ANN, NO_CURSOR, owned(1, 0), events(0, 0, 3));
    poll(BEN, NO_CURSOR, owned(2, 0), events(0, 0, 2));
    commit(ANN, By.POSITION, old, Map.of(), Map.of());

    assertThat(only()).startsWith("zombie commit: 1 committed partition 0 by POSITION, which 2");
  }

  @Test
  void convictsOffsetsOfSomebodyElsesPartition() {
    poll(ANN, NO_CURSOR, owned(1, 0), events(0, 0, 3));
    poll(BEN, NO_CURSOR, owned(2, 0), events(0, 0, 2));
    commit(ANN, By.OFFSETS, NO_CURSOR, Map.of(0, 3L), Map.of(0, 3L));
    poll(BEN, NO_CURSOR, owned(2, 0), events(0, 2, 3));

    assertThat(only()).startsWith("zombie commit: 1 committed partition 0 by OFFSETS, which 2");
  }

  @Test
  void convictsACommitThatGoesBack() {
    int first = poll(ANN, NO_CURSOR, owned(1, 0), events(0, 0, 5));
    commit(ANN, By.CURSOR, first, Map.of(), Map.of(0, 5L));
    look(Map.of(0, 4L));

    assertThat(only()).isEqualTo("commit back: partition 0 shows 4 after 5 was committed");
  }

  @Test
  void convictsACommitThatIsLost() {
    int first = poll(ANN, NO_CURSOR, owned(1, 0), events(0, 0, 5));
    commit(ANN, By.OFFSETS, NO_CURSOR, Map.of(0, 1L), Map.of(0, 1L));
    commit(ANN, By.CURSOR, first, Map.of(), Map.of(0, 5L));
    look(Map.of(0, 1L));

    assertThat(only()).startsWith("commit back: partition 0 shows 1 after 5");
  }

  @Test
  void convictsACommitThatIsLostLongAfterAnUnansweredOne() {
    int first = poll(ANN, NO_CURSOR, owned(1, 0), events(0, 0, 5));
    lost(ANN, Map.of(0, 2L));
    history.unsettled(step());
    commit(ANN, By.CURSOR, first, Map.of(), Map.of(0, 5L));
    look(Map.of(0, 2L));

    assertThat(only()).startsWith("commit back: partition 0 shows 2 after 5");
  }

  @Test
  void convictsASkipWithinAnAnswer() {
    poll(ANN, NO_CURSOR, owned(1, 0), events(0, 0, 2), events(0, 3, 5));

    assertThat(only()).startsWith("poll skip: 1 was given Delivered[partition=0, offset=3");
  }

  @Test
  void convictsASkipBetweenAnswers() {
    poll(ANN, NO_CURSOR, owned(1, 0), events(0, 0, 2));
    poll(ANN, NO_CURSOR, owned(2, 0, 1), events(0, 3, 5));

    assertThat(only()).startsWith("poll skip: 1 was given Delivered[partition=0, offset=3");
  }

  @Test
  void convictsAStepBackBetweenAnswers() {
    poll(ANN, NO_CURSOR, owned(1, 0), events(0, 0, 3));
    poll(ANN, NO_CURSOR, owned(1, 0));
    poll(ANN, NO_CURSOR, owned(1, 0), events(0, 2, 4));

    assertThat(only()).startsWith("step back: 1 was given Delivered[partition=0, offset=2");
  }

  @Test
  void convictsACursorThatIsNotFollowedEvenWhenTheServerWasRestarted() {
    int first = poll(ANN, NO_CURSOR, owned(1, 0), events(0, 0, 3));
    history.unanswered(ANN, step());
    history.unsettled(step());
    poll(ANN, first, owned(1, 0), events(0, 4, 5));

    assertThat(only()).startsWith("poll skip: 1 was given Delivered[partition=0, offset=4");
  }

  @Test
  void convictsADeliveryOfWhatSomebodyElseHadCommitted() {
    int first = poll(ANN, NO_CURSOR, owned(1, 0), events(0, 0, 5));
    commit(ANN, By.CURSOR, first, Map.of(), Map.of(0, 5L));
    poll(BEN, NO_CURSOR, owned(2, 0), events(0, 4, 6));

    assertThat(only()).startsWith("delivered twice: 2 was given Delivered[partition=0, offset=4");
  }

  @Test
  void convictsAnEventThatNobodyWasGiven() {
    poll(ANN, NO_CURSOR, owned(1, 0), events(0, 0, 3));
    poll(BEN, NO_CURSOR, owned(2, 0), events(0, 4, 10));
    look(Map.of(0, 10L));

    assertThat(only()).startsWith("missed: 0-3 at Place[partition=0, offset=3]");
  }

  @Test
  void convictsWhatWasNotProducedSo() {
    poll(ANN, NO_CURSOR, owned(1, 0), List.of(event(0, 0, "nobody's")));
    poll(BEN, NO_CURSOR, owned(1, 1), List.of(event(1, 0, "refused"), event(1, 1, "1-2")));
    poll(ANN, NO_CURSOR, owned(1, 0), List.of(event(0, 1, "0-1")));
    poll(BEN, NO_CURSOR, owned(2, 0), List.of(event(0, 0, "0-0")));

    assertThat(history.contradictions(produced))
        .satisfiesExactlyInAnyOrder(
            one -> assertThat(one).startsWith("phantom: nobody's"),
            one -> assertThat(one).startsWith("aborted read: refused"),
            one -> assertThat(one).startsWith("inconsistent offset: 1-2 acked at"),
            one -> assertThat(one).startsWith("inconsistent offset: Place[partition=0, offset=0]"));
  }

  private Span step() {
    now += 2;
    return new Span(now - 1, now);
  }

  private int poll(long consumer, int base, Owned owned) {
    return poll(consumer, base, owned, List.of());
  }

  private int poll(
      long consumer, int base, Owned owned, List<Delivered> events, List<Delivered> more) {
    return poll(consumer, base, owned, Stream.of(events, more).flatMap(List::stream).toList());
  }

  private int poll(long consumer, int base, Owned owned, List<Delivered> events) {
    return history.answered(consumer, step(), base, Optional.of(owned), events);
  }

  private void commit(
      long consumer, By by, int base, Map<Integer, Long> asked, Map<Integer, Long> committed) {
    history.committed(new Commit(consumer, step(), by, base, asked, Outcome.ACKED), committed);
  }

  private void lost(long consumer, Map<Integer, Long> asked) {
    history.committed(
        new Commit(consumer, step(), By.OFFSETS, NO_CURSOR, asked, Outcome.UNKNOWN), Map.of());
  }

  private void look(Map<Integer, Long> committed) {
    history.looked(step(), committed);
  }

  private String only() {
    var found = history.contradictions(produced);
    assertThat(found).hasSize(1);
    return found.getFirst();
  }

  private static Owned owned(int generation, Integer... partitions) {
    return new Owned(generation, Set.of(partitions), Set.of());
  }

  private static Owned revoking(int generation, int assigned, int revoking) {
    return new Owned(generation, Set.of(assigned), Set.of(revoking));
  }

  private static List<Delivered> events(int partition, long from, long to) {
    return LongStream.range(from, to)
        .mapToObj(offset -> event(partition, offset, value(partition, offset)))
        .toList();
  }

  private static Delivered event(int partition, long offset, String value) {
    return new Delivered(partition, offset, value);
  }

  private static String value(int partition, long offset) {
    return partition + "-" + offset;
  }
}
