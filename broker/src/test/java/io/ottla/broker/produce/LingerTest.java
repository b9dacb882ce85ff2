package io.ottla.broker.produce;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LingerTest {
  private final Linger linger = new Linger();

  @Test
  void aLoneCallerNeverWaits() {
    for (int i = 0; i < 100; i++) {
      assertThat(linger.target()).isEqualTo(1);
      linger.roundDone(1, 0);
    }
  }

  @Test
  void underLoadARoundWaitsForMostOfTheCallers() {
    for (int i = 0; i < 30; i++) {
      linger.roundDone(20, 44);
    }

    assertThat(linger.target()).isBetween(40, 60);
  }

  @Test
  void itForgetsCallersThatWentAway() {
    for (int i = 0; i < 30; i++) {
      linger.roundDone(256, 0);
    }

    for (int i = 0; i < 30; i++) {
      linger.roundDone(1, 0);
    }

    assertThat(linger.target()).isEqualTo(1);
  }
}
