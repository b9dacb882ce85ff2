package io.ottla.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BrokerSettingsTest {
  @Test
  void theScrubbersRateCanBeSetAndStaysWhateverElseIsSet() {
    BrokerSettings settings = BrokerSettings.production();
    assertThat(settings.scrubBytesPerSecond()).isEqualTo(4 << 20);

    BrokerSettings slow = settings.withScrubRate(1_000).with(new MemoryLimits(1 << 20, 10, 10));

    assertThat(slow.scrubBytesPerSecond()).isEqualTo(1_000);
    assertThat(slow.withScrubRate(settings.scrubBytesPerSecond()).with(settings.memory()))
        .isEqualTo(settings);
  }

  @Test
  void aScrubberThatMayReadNothingIsRefused() {
    BrokerSettings settings = BrokerSettings.production();

    assertThatThrownBy(() -> settings.withScrubRate(0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
