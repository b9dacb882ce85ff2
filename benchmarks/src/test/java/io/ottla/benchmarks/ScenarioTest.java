package io.ottla.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ScenarioTest {
  @Test
  void isNamedOrSpelledOut() {
    assertThat(Scenario.parse("single-256")).isEqualTo(new Scenario("single-256", 256, 1));
    assertThat(Scenario.parse("32x100")).isEqualTo(new Scenario("32x100", 32, 100));
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    assertThatThrownBy(() -> Scenario.parse("fast")).hasMessageContaining("no scenario \"fast\"");
    assertThatThrownBy(() -> Scenario.parse("0x1")).hasMessageContaining("at least one");
  }
}
