package io.ottla.metadata;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MetadataCodecTest {
  private static final UUID ID = new UUID(1, 2);
  private static final TopicConfig CONFIG =
      new TopicConfig(0.25, 1 << 20, 4096, "zstd", "compact", 1000);
  private static final Topic TOPIC = new Topic(ID, "liked", List.of(1, 2, 1), CONFIG, 17);

  static List<MetadataCommand> commands() {
    return List.of(
        new MetadataCommand.InitializeCluster(Fixtures.identity(7, 3)),
        new MetadataCommand.CreateTopic(ID, "liked", 3, CONFIG),
        new MetadataCommand.AlterTopic(ID, CONFIG, 4),
        new MetadataCommand.DeleteTopic(ID),
        new MetadataCommand.RegisterConsumer(Optional.empty()),
        new MetadataCommand.RegisterConsumer(Optional.of("g1 \"ü\" \uD83D\uDE00")),
        new MetadataCommand.ForgetConsumer(1L << 40),
        new MetadataCommand.RegisterProducer("web-1"),
        new MetadataCommand.ExpireProducers(List.of(12L, 1L << 40)));
  }

  static List<MetadataResult> results() {
    return List.of(
        new MetadataResult.Initialized(Fixtures.identity(7, 3)),
        new MetadataResult.TopicCreated(TOPIC),
        new MetadataResult.TopicAltered(TOPIC),
        new MetadataResult.TopicDeleted(TOPIC),
        new MetadataResult.TopicExists(TOPIC),
        new MetadataResult.TopicUnknown(),
        new MetadataResult.TopicInternal(TOPIC),
        new MetadataResult.PartitionsShrink(3),
        new MetadataResult.ConsumerRegistered(new Consumer(1L << 40, "consumer-7", 17)),
        new MetadataResult.ConsumerForgotten(),
        new MetadataResult.ProducerRegistered(new Producer(12, "web-1", 17)),
        new MetadataResult.ProducersExpired(),
        new MetadataResult.NotInitialized());
  }

  @ParameterizedTest
  @MethodSource("commands")
  void commandComesBackAsItWas(MetadataCommand command) throws IOException {
    ByteBuffer bytes = MetadataCodec.encode(command).asReadOnlyBuffer();

    assertThat(MetadataCodec.decodeCommand(bytes)).isEqualTo(command);
    assertThat(bytes.remaining()).as("the caller's buffer is left alone").isPositive();
  }

  @ParameterizedTest
  @MethodSource("results")
  void resultComesBackAsItWas(MetadataResult result) throws IOException {
    assertThat(MetadataCodec.decodeResult(MetadataCodec.encodeResult(result))).isEqualTo(result);
  }

  @Test
  void everyCaseIsTriedAbove() {
    assertThat(classes(commands()))
        .isEqualTo(Set.copyOf(Arrays.asList(MetadataCommand.class.getPermittedSubclasses())));
    assertThat(classes(results()))
        .isEqualTo(Set.copyOf(Arrays.asList(MetadataResult.class.getPermittedSubclasses())));
  }

  /** What is in a journal today must be understood by every later version. */
  @Test
  void bytesAreThoseOfVersionOne() {
    assertThat(commands().stream().map(MetadataCodecTest::json))
        .containsExactly(
            """
            {"kind":"initialize_cluster","identity":{"cluster_id":"00000000-0000-0007-0000-000000000000",\
            "number":7,"name":"c7","log_directory":"c7","default_partitions":3,"retention_hours":168.0,\
            "offsets_topic_id":"00000000-0000-0007-0000-000000000001","brokers":[\
            {"id":1,"host":"127.0.0.1","port":8080,"created_at_ms":100},\
            {"id":2,"host":"127.0.0.1","port":8080,"created_at_ms":100},\
            {"id":3,"host":"127.0.0.1","port":8080,"created_at_ms":100}],"created_at_ms":100}}\
            """,
            """
            {"kind":"create_topic","id":"00000000-0000-0001-0000-000000000002","name":"liked","partitions":3,\
            "config":{"retention_hours":0.25,"retention_bytes":1048576,"segment_bytes":4096,\
            "compression":"zstd","cleanup_policy":"compact","max_record_bytes":1000}}\
            """,
            """
            {"kind":"alter_topic","id":"00000000-0000-0001-0000-000000000002",\
            "config":{"retention_hours":0.25,"retention_bytes":1048576,"segment_bytes":4096,\
            "compression":"zstd","cleanup_policy":"compact","max_record_bytes":1000},"partitions":4}\
            """,
            "{\"kind\":\"delete_topic\",\"id\":\"00000000-0000-0001-0000-000000000002\"}",
            "{\"kind\":\"register_consumer\",\"group\":null}",
            "{\"kind\":\"register_consumer\",\"group\":\"g1 \\\"ü\\\" \uD83D\uDE00\"}",
            "{\"kind\":\"forget_consumer\",\"id\":1099511627776}",
            "{\"kind\":\"register_producer\",\"name\":\"web-1\"}",
            "{\"kind\":\"expire_producers\",\"ids\":[12,1099511627776]}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "[]",
        "{}",
        "{\"id\":1}",
        "{\"kind\":\"format_disk\",\"id\":1}",
        "{\"kind\":\"forget_consumer\"}",
        "{\"kind\":\"forget_consumer\",\"id\":null}",
        "{\"kind\":\"forget_consumer\",\"id\":1.5}",
        "{\"kind\":\"forget_consumer\",\"id\":\"x\"}",
        "{\"kind\":\"forget_consumer\",\"id\":1,\"id\":2}",
        "{\"kind\":\"forget_consumer\",\"id\":1,\"more\":2}",
        "{\"kind\":\"forget_consumer\",\"id\":1} {}",
        "{\"kind\":\"forget_consumer\",\"id\":1",
        "{\"kind\":\"register_producer\",\"name\":\"\"}",
        "{\"kind\":\"register_producer\",\"name\":null}",
        "{\"kind\":\"delete_topic\",\"id\":\"x\"}"
      })
  void whatIsNotUnderstoodIsAnIoException(String json) {
    assertThatThrownBy(() -> MetadataCodec.decodeCommand(bytes(1, json)))
        .isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 2, 123})
  void anotherVersionIsAnIoException(int version) {
    ByteBuffer bytes = bytes(version, "{\"kind\":\"forget_consumer\",\"id\":1}");

    assertThatThrownBy(() -> MetadataCodec.decodeCommand(bytes))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("version=" + version);
    assertThatThrownBy(() -> MetadataCodec.decodeCommand(ByteBuffer.allocate(0)))
        .isInstanceOf(IOException.class);
  }

  @Test
  void everyTruncationIsAnIoException() {
    byte[] whole = MetadataCodec.encode(commands().getFirst()).array();

    for (int length = 0; length < whole.length; length++) {
      ByteBuffer cut = ByteBuffer.wrap(whole, 0, length);
      assertThatThrownBy(() -> MetadataCodec.decodeCommand(cut)).isInstanceOf(IOException.class);
    }
  }

  private static Set<Class<?>> classes(List<?> values) {
    return values.stream().map(Object::getClass).collect(Collectors.toSet());
  }

  private static String json(MetadataCommand command) {
    byte[] bytes = MetadataCodec.encode(command).array();
    return new String(bytes, 1, bytes.length - 1, UTF_8);
  }

  private static ByteBuffer bytes(int version, String json) {
    byte[] utf8 = json.getBytes(UTF_8);
    return ByteBuffer.allocate(1 + utf8.length).put((byte) version).put(utf8).flip();
  }
}
