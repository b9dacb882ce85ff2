package io.ottla.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.broker.ClusterCheck.PartitionCheck;
import io.ottla.broker.store.PartitionReader;
import io.ottla.broker.store.PartitionReader.Extent;
import io.ottla.log.SegmentDigest;
import io.ottla.log.SegmentSummary;
import io.ottla.metadata.Topic;
import io.ottla.metadata.TopicConfig;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a comparison says of replicas whose disks fail while they are read. */
class PartitionComparisonTest {
  private static final Topic TOPIC =
      new Topic(UUID.randomUUID(), "t", List.of(1), TopicConfig.withRetention(1), 0);
  private static final SegmentSummary SEGMENT = new SegmentSummary(0, 0, 300, 0, 0, 0);

  private interface Digests {
    SegmentDigest of(SegmentSummary segment) throws IOException;
  }

  private static Optional<PartitionReader> reader(Digests digests) {
    Object proxy =
        Proxy.newProxyInstance(
            PartitionReader.class.getClassLoader(),
            new Class<?>[] {PartitionReader.class},
            (_, method, arguments) ->
                switch (method.getName()) {
                  case "extent" -> Optional.of(new Extent(0, 30, 300, Path.of("topics/t-0")));
                  case "segments" -> List.of(SEGMENT);
                  case "digest" -> Optional.of(digests.of((SegmentSummary) arguments[2]));
                  default -> throw new AssertionError(method);
                });
    return Optional.of((PartitionReader) proxy);
  }

  private static Optional<PartitionReader> whole() {
    return reader(segment -> new SegmentDigest("a", segment.sizeBytes(), List.of()));
  }

  private static Optional<PartitionReader> failing() {
    return reader(
        _ -> {
          throw new IOException("Input/output error");
        });
  }

  private static PartitionCheck compare(Map<Integer, Optional<PartitionReader>> readers) {
    PartitionComparison comparison = new PartitionComparison(TOPIC, 0, readers);
    assertThat(comparison.run(0, () -> false)).isEmpty();
    return comparison.result();
  }

  @Test
  void aReplicaThatCannotBeReadIsMissingAndTheOthersAreCompared() {
    PartitionCheck check = compare(Map.of(1, whole(), 2, failing(), 3, whole()));

    assertThat(check.missing()).containsExactly(2);
    assertThat(check.comparedOffsets()).isEqualTo(30);
    assertThat(check.differing()).isEmpty();
  }

  @Test
  void whatNoReplicaCanReadIsNotCompared() {
    PartitionCheck check = compare(Map.of(1, failing(), 2, failing(), 3, Optional.empty()));

    assertThat(check.missing()).containsExactly(1, 2, 3);
    assertThat(check.comparedOffsets()).isZero();
    assertThat(check.bytes()).isZero();
  }
}
