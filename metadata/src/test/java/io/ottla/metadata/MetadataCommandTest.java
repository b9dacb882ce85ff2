package io.ottla.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetadataCommandTest {
  private static final TopicConfig CONFIG = TopicConfig.withRetention(168);

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a/b", "ä", "a b", "__consumer_offsets", "__x"})
  void topicOfABadNameCannotBeAskedFor(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MetadataCommand.CreateTopic(new UUID(0, 1), name, 1, CONFIG));
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 1001})
  void partitionsOutOfRangeCannotBeAskedFor(int partitions) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MetadataCommand.CreateTopic(new UUID(0, 1), "t", partitions, CONFIG));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MetadataCommand.AlterTopic(new UUID(0, 1), CONFIG, partitions));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\nb", "\u0000", "\u0085", "\uD83D", "\uDE00\uD83D"})
  void labelThatCannotBeStoredIsRefused(String label) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MetadataCommand.RegisterConsumer(Optional.of(label)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MetadataCommand.RegisterProducer(label));
  }

  @Test
  void labelsMayBeLongAndOfAnyScript() {
    assertThat(Names.isLabel("x".repeat(249))).isTrue();
    assertThat(Names.isLabel("x".repeat(250))).isFalse();
    assertThat(Names.isLabel("Gruppe ü \uD83D\uDE00/..")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(doubles = {-2, -0.5, Double.NaN, Double.POSITIVE_INFINITY, 1e10})
  void impossibleRetentionCannotBeAskedFor(double hours) {
    assertRefused(TopicConfig.withRetention(hours));
  }

  @Test
  void retentionCountsFractionsOfHours() {
    assertThat(TopicConfig.withRetention(-1).retentionMs()).isEqualTo(-1);
    assertThat(TopicConfig.withRetention(0.001).retentionMs()).isEqualTo(3600);
    assertThat(TopicConfig.withRetention(1e9).retentionMs()).isEqualTo(3_600_000_000_000_000L);
  }

  @Test
  void impossibleConfigurationCannotBeAskedFor() {
    assertRefused(new TopicConfig(1, -2, 4096, "lz4", "delete", 1));
    assertRefused(new TopicConfig(1, -1, 1, "lz4", "delete", 1));
    assertRefused(new TopicConfig(1, -1, 4096, "LZ4", "delete", 1));
    assertRefused(new TopicConfig(1, -1, 4096, "lz4", "keep", 1));
    assertRefused(new TopicConfig(1, -1, 4096, "lz4", "delete", (3 << 20) + 1));
  }

  private static void assertRefused(TopicConfig config) {
    UUID id = new UUID(0, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MetadataCommand.CreateTopic(id, "t", 1, config));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MetadataCommand.AlterTopic(id, config, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Topic(id, "t", List.of(1), config, 0));
  }

  @Test
  void brokersAreNumberedFromOne() {
    ClusterIdentity good = Fixtures.identity(0, 2);

    assertThatIllegalArgumentException().isThrownBy(() -> Fixtures.identity(0, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> Fixtures.identity(0, 10));
    assertThatIllegalArgumentException().isThrownBy(() -> Fixtures.identity(-1, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new ClusterIdentity(
                    good.clusterId(),
                    0,
                    "c",
                    "c",
                    1,
                    1,
                    good.offsetsTopicId(),
                    List.of(good.brokers().get(1)),
                    0));
  }
}
