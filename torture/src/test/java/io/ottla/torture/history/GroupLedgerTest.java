package io.ottla.torture.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GroupLedgerTest {
  private final Findings findings = new Findings();
  private final GroupLedger ledger = new GroupLedger("g", findings);

  @Test
  void aGroupThatHandsOverAndCommitsPasses() {
    ledger.owns(1, 1, Set.of(0, 1), 10);
    commit(1, 1, 0, 5, 20, 5);
    ledger.owns(2, 2, Set.of(1), 30);
    ledger.owns(1, 2, Set.of(0), 31);
    commit(2, 2, 1, 7, 40, 7);

    ledger.looked(ledger.floors(), Map.of(0, 5L, 1, 9L));

    assertThat(findings.lines()).isEmpty();
    assertThat(ledger.highestAttempted(1)).isEqualTo(7);
    assertThat(ledger.commitCount()).isEqualTo(2);
  }

  @Test
  void twoOwnersInOneGenerationAreFound() {
    ledger.owns(1, 3, Set.of(0, 1), 10);
    ledger.owns(2, 3, Set.of(1), 11);

    assertThat(findings.counts()).containsOnlyKeys(Anomaly.OVERLAP);
  }

  @Test
  void aCommitByAnEarlierGenerationIsFound() {
    ledger.owns(1, 1, Set.of(0), 10);
    ledger.owns(2, 2, Set.of(0), 20);

    commit(1, 1, 0, 5, 30, 5);

    assertThat(findings.counts()).containsOnlyKeys(Anomaly.ZOMBIE_COMMIT);
  }

  @Test
  void aCommitThatWasSentBeforeAnybodyKnewIsFine() {
    ledger.owns(1, 1, Set.of(0), 10);
    ledger.owns(2, 2, Set.of(0), 40);

    commit(1, 1, 0, 5, 30, 5);

    assertThat(findings.lines()).isEmpty();
  }

  @Test
  void aCommitThatIsNotShownAnyMoreIsFound() {
    commit(1, 1, 0, 5, 10, 5);
    Map<Integer, Long> floors = ledger.floors();

    ledger.looked(floors, Map.of(0, 4L));
    ledger.looked(floors, Map.of());

    assertThat(findings.counts()).containsEntry(Anomaly.COMMIT_LOST_OR_BACK, 2);
  }

  @Test
  void aCommitWhoseOwnAnswerShowsLessIsFound() {
    commit(1, 1, 0, 5, 10, 4);

    assertThat(findings.counts()).containsOnlyKeys(Anomaly.COMMIT_LOST_OR_BACK);
  }

  private void commit(
      long consumer, int generation, int partition, long offset, long sentAt, long shown) {
    Map<Integer, Long> given = Map.of(partition, offset);
    var commit = new GroupLedger.Commit(consumer, generation, given, given, sentAt);
    ledger.attempted(commit);
    ledger.acked(commit, Map.of(partition, shown));
  }
}
