package io.ottla.groups;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class GroupRecordJsonTest {
  private static final UUID LIKED = UUID.fromString("11111111-2222-3333-4444-555555555555");
  private static final TopicPartition LIKED_1 = new TopicPartition(LIKED, 1);

  @Test
  void aCommitIsPlainJsonWithAKeyInFixedOrder() {
    GroupRecord commit =
        new GroupRecord.OffsetSet("g1", LIKED_1, CommittedOffset.of("liked", 18, "note", 5));

    assertThat(text(GroupRecordJson.key(commit)))
        .isEqualTo(
            "{\"type\":\"offset\",\"group\":\"g1\",\"topic\":\"liked\","
                + "\"topic_id\":\"11111111-2222-3333-4444-555555555555\",\"partition\":1}");
    assertThat(text(GroupRecordJson.value(commit).orElseThrow()))
        .isEqualTo(
            "{\"version\":1,\"offset\":18,\"leader_epoch\":-1,\"metadata\":\"note\","
                + "\"committed_at\":5}");
  }

  @Test
  void groupAndMemberHaveTheKeysOfTheContract() {
    assertThat(text(GroupRecordJson.key(new GroupRecord.GroupRemoved("g1"))))
        .isEqualTo("{\"type\":\"group\",\"group\":\"g1\"}");
    assertThat(text(GroupRecordJson.key(new GroupRecord.MemberRemoved("g1", "7"))))
        .isEqualTo("{\"type\":\"member\",\"group\":\"g1\",\"member_id\":\"7\"}");
  }

  @Test
  void everyRecordComesBackAsItWas() throws Exception {
    for (GroupRecord record : samples()) {
      GroupRecord back =
          GroupRecordJson.decode(
              GroupRecordJson.key(record), GroupRecordJson.value(record).orElse(null));

      assertThat(back).isEqualTo(record);
    }
  }

  @Test
  void fieldsOfANewerVersionAreKept() throws Exception {
    ByteBuffer key = json("{\"type\":\"group\",\"group\":\"g1\"}");
    ByteBuffer value =
        json(
            "{\"version\":1,\"protocol\":\"ottla\",\"generation\":3,\"created_at\":9,"
                + "\"topics\":[],\"metadata\":\"\",\"rack\":{\"a\":[1,2]}}");

    GroupRecord record = GroupRecordJson.decode(key, value);

    assertThat(text(GroupRecordJson.value(record).orElseThrow())).isEqualTo(text(value));
  }

  @Test
  void anUnknownTypeIsKeptByteForByteAndSurvivesTheCheckpoint() throws Exception {
    ByteBuffer key = json("{\"type\":\"share\",\"group\":\"g1\"}");
    GroupTable table = new GroupTable();
    table.apply(key, json("{\"x\": 1}"));

    GroupTable loaded = new GroupTable();
    loaded.load(table.capture().toBytes());

    assertThat(loaded.capture().toBytes()).isEqualTo(table.capture().toBytes());
    assertThat(new String(loaded.capture().toBytes(), UTF_8)).contains("{\"x\": 1}");
    loaded.apply(key, null);
    assertThat(new String(loaded.capture().toBytes(), UTF_8)).doesNotContain("share");
  }

  @Test
  void aHigherVersionOfAKnownTypeIsRefused() {
    assertThatThrownBy(
            () ->
                GroupRecordJson.decode(
                    json("{\"type\":\"group\",\"group\":\"g1\"}"), json("{\"version\":2}")))
        .isInstanceOf(GroupRecordException.class)
        .hasMessageContaining("version=2");
  }

  @Test
  void whatIsNoGroupRecordIsRefused() {
    for (String key : List.of("", "[]", "{}", "{\"type\":5}", "{\"type\":\"group\"}", "{\"ty")) {
      assertThatThrownBy(() -> GroupRecordJson.decode(json(key), json("{\"version\":1}")))
          .isInstanceOf(GroupRecordException.class);
    }
  }

  private static List<GroupRecord> samples() {
    Member member =
        new Member(
            "7",
            "ottla",
            new Subscription(List.of("liked", "a"), new StartFrom.At(12), 45_000, true),
            true,
            3,
            new TreeMap<>(Map.of(LIKED_1, new Ownership("liked", 4, true))),
            "bWV0YQ==",
            Map.of("rack", "\"r1\""));
    GroupHeader header =
        new GroupHeader(
            "kafka",
            4,
            1,
            new TreeMap<>(Map.of(LIKED, new GroupTopic(LIKED, "liked", 6, 3))),
            "opaque",
            Map.of());
    return List.of(
        new GroupRecord.GroupSet("g1", header),
        new GroupRecord.GroupRemoved("g1"),
        new GroupRecord.MemberSet("g1", member),
        new GroupRecord.MemberRemoved("g1", "7"),
        new GroupRecord.OffsetSet(
            "g1", LIKED_1, CommittedOffset.of("liked", 1L << 40, "\u00e9\n", 5)),
        new GroupRecord.OffsetRemoved("g1", LIKED_1, "liked"),
        new GroupRecord.Unknown(json("{\"type\":\"x\"}"), Optional.of(json("1"))));
  }

  private static ByteBuffer json(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }

  private static String text(ByteBuffer bytes) {
    return UTF_8.decode(bytes.duplicate()).toString();
  }
}
