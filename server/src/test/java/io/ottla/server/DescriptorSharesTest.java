package io.ottla.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DescriptorSharesTest {
  @ParameterizedTest
  @ValueSource(ints = {192, 256, 300, 1_024, 4_096, 65_536, 1_048_576, Integer.MAX_VALUE})
  void whatIsGivenAwayIsThere(int limit) throws IOException {
    DescriptorShares shares = DescriptorShares.of(limit, 20_000, 16);

    long brokers = Math.min(16, Math.max(1, shares.groupReplicas() / 4));
    long given =
        shares.connections() + brokers * shares.filesPerBroker() + 4L * shares.groupReplicas();
    assertThat(given + 60).isLessThanOrEqualTo(limit);
    assertThat(shares.connections()).isBetween(20, 20_000);
    assertThat(shares.filesPerBroker()).isBetween(4, 1_000);
    assertThat(shares.groupReplicas()).isGreaterThanOrEqualTo(12);
  }

  @Test
  void aUsualLimitCostsNothing() throws IOException {
    assertThat(DescriptorShares.of(65_536, 20_000, 16))
        .isEqualTo(new DescriptorShares(20_000, 1_000, 4_096));
  }

  @Test
  void tooFewAreRefusedWithTheWayOut() {
    assertThatThrownBy(() -> DescriptorShares.of(191, 20_000, 16))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("191")
        .hasMessageContaining("ulimit -n");
  }
}
