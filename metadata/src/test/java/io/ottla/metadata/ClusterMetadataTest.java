package io.ottla.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ottla.replication.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClusterMetadataTest {
  private static final TopicConfig CONFIG = TopicConfig.withRetention(168);

  private final List<ClusterView> published = new ArrayList<>();
  private final ClusterMetadata metadata = new ClusterMetadata(published::add);
  private long index;

  @BeforeEach
  void startEmpty() throws IOException {
    metadata.restore(Optional.empty());
  }

  @Test
  void nothingIsDoneBeforeTheClusterIsInitialized() throws IOException {
    assertThat(apply(create("t", 1))).isEqualTo(new MetadataResult.NotInitialized());
    assertThat(apply(new MetadataCommand.RegisterConsumer(Optional.empty())))
        .isEqualTo(new MetadataResult.NotInitialized());
    assertThat(metadata.view().topics()).isEmpty();
    assertThat(metadata.view().appliedIndex()).isEqualTo(2);
  }

  @Test
  void initializingMakesTheOffsetsTopicWithOnePartitionPerDataGroup() throws IOException {
    ClusterIdentity identity = Fixtures.identity(0, 3);

    MetadataResult result = apply(new MetadataCommand.InitializeCluster(identity));

    assertThat(result).isEqualTo(new MetadataResult.Initialized(identity));
    assertThat(metadata.view().identity()).contains(identity);
    Topic offsets = metadata.view().topic("__consumer_offsets").orElseThrow();
    assertThat(offsets.id()).isEqualTo(identity.offsetsTopicId());
    assertThat(offsets.groupOfPartition()).containsExactly(1, 2, 3);
    assertThat(offsets.internal()).isTrue();
    assertThat(offsets.config().compacted()).isTrue();
    assertThat(offsets.config().retentionMs()).isEqualTo(-1);
  }

  @Test
  void theFirstIdentityStays() throws IOException {
    initialize(0, 3);
    apply(create("t", 1));
    ClusterView before = metadata.view();

    MetadataResult result = apply(new MetadataCommand.InitializeCluster(Fixtures.identity(1, 1)));

    assertThat(result).isEqualTo(new MetadataResult.Initialized(Fixtures.identity(0, 3)));
    assertThat(metadata.view()).isEqualTo(before.at(index));
  }

  @Test
  void idsStartAtOneInTheFirstClusterAndAreNeverReused() throws IOException {
    initialize(0, 1);

    assertThat(consumer(Optional.empty())).isEqualTo(new Consumer(1, "consumer-1", 1002));
    assertThat(consumer(Optional.of("g"))).isEqualTo(new Consumer(2, "g", 1003));
    apply(new MetadataCommand.ForgetConsumer(2));
    assertThat(consumer(Optional.empty()).id()).isEqualTo(3);
    assertThat(metadata.view().consumer(2)).isEmpty();
    assertThat(metadata.view().consumers()).extracting(Consumer::id).containsExactly(1L, 3L);
    assertThat(apply(new MetadataCommand.RegisterProducer("web-1")))
        .isEqualTo(new MetadataResult.ProducerRegistered(new Producer(1, "web-1", 1006)));
  }

  @Test
  void idsOfClustersDoNotMeet() throws IOException {
    initialize(5, 1);

    assertThat(consumer(Optional.empty()))
        .isEqualTo(new Consumer(5 * (1L << 32) + 1, "consumer-21474836481", 1002));
  }

  @Test
  void partitionsGoToTheDataGroupsInTurnOverAllTopics() throws IOException {
    initialize(0, 3);

    assertThat(created(create("a", 2)).groupOfPartition()).containsExactly(1, 2);
    assertThat(created(create("b", 4)).groupOfPartition()).containsExactly(3, 1, 2, 3);
    apply(new MetadataCommand.DeleteTopic(id("b")));
    assertThat(created(create("c", 1)).groupOfPartition()).containsExactly(1);
    assertThat(apply(new MetadataCommand.AlterTopic(id("a"), CONFIG, 4)))
        .isInstanceOfSatisfying(
            MetadataResult.TopicAltered.class,
            altered -> assertThat(altered.topic().groupOfPartition()).containsExactly(1, 2, 2, 3));
  }

  @Test
  void theSameCreationTwiceIsOne() throws IOException {
    initialize(0, 3);
    Topic first = created(create("a", 2));

    assertThat(created(create("a", 2))).isEqualTo(first);
    assertThat(apply(new MetadataCommand.CreateTopic(new UUID(9, 9), "a", 1, CONFIG)))
        .isEqualTo(new MetadataResult.TopicExists(first));
    assertThat(apply(new MetadataCommand.CreateTopic(first.id(), "b", 1, CONFIG)))
        .isEqualTo(new MetadataResult.TopicExists(first));
  }

  @Test
  void topicsGrowAndNeverShrink() throws IOException {
    initialize(0, 3);
    Topic before = created(create("a", 3));
    TopicConfig other = new TopicConfig(1, 2, 4096, "none", "compact", 5);

    assertThat(apply(new MetadataCommand.AlterTopic(before.id(), other, 2)))
        .isEqualTo(new MetadataResult.PartitionsShrink(3));
    assertThat(metadata.view().topic("a")).contains(before);
    apply(new MetadataCommand.AlterTopic(before.id(), other, 3));
    assertThat(metadata.view().topic("a"))
        .contains(new Topic(before.id(), "a", List.of(1, 2, 3), other, before.createdAtMs()));
    assertThat(metadata.view().topic(before.id())).isEqualTo(metadata.view().topic("a"));
    assertThat(apply(new MetadataCommand.AlterTopic(new UUID(9, 9), other, 9)))
        .isEqualTo(new MetadataResult.TopicUnknown());
  }

  @Test
  void deletedTopicIsGoneAndItsNameFree() throws IOException {
    initialize(0, 3);
    Topic first = created(create("a", 3));

    assertThat(apply(new MetadataCommand.DeleteTopic(first.id())))
        .isEqualTo(new MetadataResult.TopicDeleted(first));
    assertThat(apply(new MetadataCommand.DeleteTopic(first.id())))
        .isEqualTo(new MetadataResult.TopicUnknown());
    assertThat(metadata.view().topic(first.id())).isEmpty();
    assertThat(created(new MetadataCommand.CreateTopic(new UUID(9, 9), "a", 1, CONFIG)).id())
        .isEqualTo(new UUID(9, 9));
  }

  @Test
  void internalTopicIsNeitherAlteredNorDeleted() throws IOException {
    initialize(0, 3);
    Topic offsets = metadata.view().topic("__consumer_offsets").orElseThrow();

    assertThat(apply(new MetadataCommand.AlterTopic(offsets.id(), CONFIG, 9)))
        .isEqualTo(new MetadataResult.TopicInternal(offsets));
    assertThat(apply(new MetadataCommand.DeleteTopic(offsets.id())))
        .isEqualTo(new MetadataResult.TopicInternal(offsets));
    assertThat(metadata.view().topics()).containsExactly(offsets);
  }

  @Test
  void everyEntryPublishesAViewThatOlderReadersKeep() throws IOException {
    initialize(0, 3);
    ClusterView before = metadata.view();
    created(create("a", 3));
    apply(create("a", 3));

    assertThat(before.topic("a")).isEmpty();
    assertThat(published).extracting(ClusterView::appliedIndex).containsExactly(0L, 1L, 2L, 3L);
    assertThat(published.getLast()).isSameAs(metadata.view());
  }

  @Test
  void entryThatIsNotUnderstoodIsNotSkipped() throws IOException {
    initialize(0, 3);
    ClusterView before = metadata.view();
    ByteBuffer payload = ByteBuffer.wrap(new byte[] {2, '{', '}'});

    assertThatThrownBy(() -> metadata.apply(new Entry(2, 1, 0, payload)))
        .isInstanceOf(IOException.class);
    assertThat(metadata.view()).isSameAs(before);
    assertThatIllegalStateException()
        .isThrownBy(() -> metadata.apply(new Entry(1, 1, 0, MetadataCodec.encode(create("a", 3)))));
  }

  @Test
  void damagedCheckpointIsAnIoException() {
    assertThatThrownBy(() -> metadata.restore(Optional.of(new byte[] {1, '{', '}'})))
        .isInstanceOf(IOException.class);
  }

  @Test
  void manyConsumersAreAllThereAfterARestore() throws IOException {
    initialize(0, 3);
    int count = 100_000;

    for (int i = 0; i < count; i++) {
      apply(new MetadataCommand.RegisterConsumer(Optional.empty()));
    }
    ClusterMetadata other = new ClusterMetadata(view -> {});
    other.restore(Optional.of(metadata.capture().state()));

    assertThat(other.view()).isEqualTo(metadata.view());
    assertThat(other.view().consumers()).hasSize(count);
  }

  private void initialize(int number, int brokers) throws IOException {
    apply(new MetadataCommand.InitializeCluster(Fixtures.identity(number, brokers)));
  }

  private Topic created(MetadataCommand command) throws IOException {
    return ((MetadataResult.TopicCreated) apply(command)).topic();
  }

  private Consumer consumer(Optional<String> group) throws IOException {
    MetadataResult result = apply(new MetadataCommand.RegisterConsumer(group));
    return ((MetadataResult.ConsumerRegistered) result).consumer();
  }

  private static UUID id(String topic) {
    return new UUID(topic.hashCode(), 0);
  }

  private static MetadataCommand create(String name, int partitions) {
    return new MetadataCommand.CreateTopic(id(name), name, partitions, CONFIG);
  }

  private MetadataResult apply(MetadataCommand command) throws IOException {
    index++;
    ByteBuffer payload = MetadataCodec.encode(command).asReadOnlyBuffer();
    return MetadataCodec.decodeResult(metadata.apply(new Entry(index, 1, 1000 + index, payload)));
  }
}
