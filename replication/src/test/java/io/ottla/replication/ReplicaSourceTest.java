package io.ottla.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.replication.ReplicaSource.Needed;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.ratis.server.protocol.TermIndex;
import org.junit.jupiter.api.Test;

class ReplicaSourceTest {
  /** Committed entries have rising terms; a journal is some of them and then others' leavings. */
  @Test
  void aCheckpointThatIsTakenHasEveryCommittedEntryOfTheJournal() {
    int taken = 0;
    for (int seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      List<Long> committed = terms(random, 1, 1 + random.nextInt(20));
      int shared = random.nextInt(committed.size() + 1);
      long from = shared == 0 ? 1 : committed.get(shared - 1);
      List<Long> journal = new ArrayList<>(committed.subList(0, shared));
      journal.addAll(terms(random, from, random.nextInt(6)));
      int index = random.nextInt(committed.size());
      TermIndex checkpoint = TermIndex.valueOf(committed.get(index), index);
      TermIndex end =
          journal.isEmpty()
              ? TermIndex.INITIAL_VALUE
              : TermIndex.valueOf(journal.getLast(), journal.size() - 1);

      if (new Needed(end, false).isMetBy(checkpoint)) {
        assertThat(shared - 1).as("seed %d", seed).isLessThanOrEqualTo(index);
        taken++;
      } else {
        assertThat(index).as("seed %d: refused without need", seed).isLessThan(journal.size() - 1);
      }
    }
    assertThat(taken).isBetween(5_000, 19_000);
  }

  private static List<Long> terms(Random random, long from, int count) {
    List<Long> terms = new ArrayList<>();
    long term = from;
    for (int i = 0; i < count; i++) {
      term += random.nextInt(4) == 0 ? 1 : 0;
      terms.add(term);
    }
    return terms;
  }
}
