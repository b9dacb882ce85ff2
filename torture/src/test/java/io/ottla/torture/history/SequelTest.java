package io.ottla.torture.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class SequelTest {
  private static final Place PLACE = new Place("orders", 0);

  private final Findings findings = new Findings();
  private final Sequel sequel = new Sequel("a reader", findings);

  @Test
  void whatGoesOnPasses() {
    sequel.came(PLACE, 5);
    sequel.came(PLACE, 6);
    sequel.keep(Set.of());
    sequel.came(PLACE, 2);
    sequel.forgetAll();
    sequel.came(PLACE, 9);

    assertThat(findings.lines()).isEmpty();
    assertThat(sequel.next(PLACE)).isEqualTo(10);
  }

  @Test
  void aHoleAndAStepBackAreFound() {
    sequel.from(PLACE, 3);
    sequel.came(PLACE, 4);
    sequel.came(PLACE, 4);

    assertThat(findings.counts()).containsEntry(Anomaly.POLL_SKIP_OR_BACK, 2);
  }
}
