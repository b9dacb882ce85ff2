package io.ottla.groups;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Group records as bytes: one JSON object as key and one as value, in UTF-8. A key's fields always
 * stand in this order, so that equal keys are equal bytes.
 *
 * <pre>{@code
 * {"type":"group","group":"g1"}
 *   {"version":1,"protocol":"ottla","generation":3,"created_at":<ms>,
 *    "topics":[{"topic":"liked","topic_id":"<uuid>","partitions":3,"first_partitions":3}],"metadata":""}
 * {"type":"member","group":"g1","member_id":"7"}
 *   {"version":1,"protocol":"ottla","topics":["liked"],"from":"earliest"|"latest"|<ms>,
 *    "session_timeout_ms":45000,"auto_commit":true,"active":true,"since":<ms>,
 *    "assignment":[{"topic":"liked","topic_id":"<uuid>","partition":0,"epoch":3,"revoking":false}],"metadata":""}
 * {"type":"offset","group":"g1","topic":"liked","topic_id":"<uuid>","partition":0}
 *   {"version":1,"offset":18,"leader_epoch":-1,"metadata":"","committed_at":<ms>}
 * }</pre>
 *
 * A field that is not named here is kept and written again; a type that is not is {@link
 * GroupRecord.Unknown}; a higher version is refused, since its sense may have changed. No value is
 * a tombstone.
 */
public final class GroupRecordJson {
  private static final int VERSION = 1;
  private static final JsonMapper JSON = new JsonMapper();

  private static final Set<String> GROUP_FIELDS =
      Set.of("version", "protocol", "generation", "created_at", "topics", "metadata");
  private static final Set<String> MEMBER_FIELDS =
      Set.of(
          "version",
          "protocol",
          "topics",
          "from",
          "session_timeout_ms",
          "auto_commit",
          "active",
          "since",
          "assignment",
          "metadata");
  private static final Set<String> OFFSET_FIELDS =
      Set.of("version", "offset", "leader_epoch", "metadata", "committed_at");

  private GroupRecordJson() {}

  /** The record's key. */
  public static ByteBuffer key(GroupRecord record) {
    return switch (record) {
      case GroupRecord.GroupSet set -> groupKey(set.group());
      case GroupRecord.GroupRemoved removed -> groupKey(removed.group());
      case GroupRecord.MemberSet set -> memberKey(set.group(), set.member().id());
      case GroupRecord.MemberRemoved removed -> memberKey(removed.group(), removed.memberId());
      case GroupRecord.OffsetSet set ->
          offsetKey(set.group(), set.offset().topic(), set.partition());
      case GroupRecord.OffsetRemoved removed ->
          offsetKey(removed.group(), removed.topic(), removed.partition());
      case GroupRecord.Unknown unknown -> unknown.key().duplicate();
    };
  }

  /** The record's value; empty for a tombstone. */
  public static Optional<ByteBuffer> value(GroupRecord record) {
    return switch (record) {
      case GroupRecord.GroupSet set -> Optional.of(bytes(groupValue(set.header())));
      case GroupRecord.MemberSet set -> Optional.of(bytes(memberValue(set.member())));
      case GroupRecord.OffsetSet set -> Optional.of(bytes(offsetValue(set.offset())));
      case GroupRecord.GroupRemoved _, GroupRecord.MemberRemoved _, GroupRecord.OffsetRemoved _ ->
          Optional.empty();
      case GroupRecord.Unknown unknown -> unknown.value().map(ByteBuffer::duplicate);
    };
  }

  /**
   * The record that these bytes are.
   *
   * @param value null for a tombstone
   * @throws GroupRecordException when they are not one, or one of a higher version
   */
  public static GroupRecord decode(ByteBuffer key, ByteBuffer value) throws GroupRecordException {
    try {
      JsonNode keyNode = JSON.readTree(copy(key));
      String type = keyNode.required("type").stringValue();
      return switch (type) {
        case "group", "member", "offset" -> decodeKnown(type, keyNode, value);
        default ->
            new GroupRecord.Unknown(
                ByteBuffer.wrap(copy(key)),
                Optional.ofNullable(value).map(bytes -> ByteBuffer.wrap(copy(bytes))));
      };
    } catch (JacksonException | IllegalArgumentException e) {
      throw new GroupRecordException("not a group record: " + e.getMessage(), e);
    }
  }

  private static GroupRecord decodeKnown(String type, JsonNode key, ByteBuffer value)
      throws GroupRecordException {
    String group = key.required("group").stringValue();
    JsonNode node = value == null ? null : JSON.readTree(copy(value));
    if (node != null && node.required("version").intValue() > VERSION) {
      throw new GroupRecordException(
          "group record of a newer version: type=%s group=%s version=%d"
              .formatted(type, group, node.required("version").intValue()));
    }
    return switch (type) {
      case "group" ->
          node == null
              ? new GroupRecord.GroupRemoved(group)
              : new GroupRecord.GroupSet(group, header(node));
      case "member" -> {
        String memberId = key.required("member_id").stringValue();
        yield node == null
            ? new GroupRecord.MemberRemoved(group, memberId)
            : new GroupRecord.MemberSet(group, member(memberId, node));
      }
      default -> {
        String topic = shared(key.required("topic"));
        TopicPartition partition = partition(key);
        yield node == null
            ? new GroupRecord.OffsetRemoved(group, partition, topic)
            : new GroupRecord.OffsetSet(group, partition, offset(topic, node));
      }
    };
  }

  private static ByteBuffer groupKey(String group) {
    return bytes(JSON.createObjectNode().put("type", "group").put("group", group));
  }

  private static ByteBuffer memberKey(String group, String memberId) {
    ObjectNode key = JSON.createObjectNode().put("type", "member").put("group", group);
    return bytes(key.put("member_id", memberId));
  }

  private static ByteBuffer offsetKey(String group, String topic, TopicPartition partition) {
    ObjectNode key = JSON.createObjectNode().put("type", "offset").put("group", group);
    return bytes(
        key.put("topic", topic)
            .put("topic_id", partition.topicId().toString())
            .put("partition", partition.partition()));
  }

  private static ObjectNode groupValue(GroupHeader header) {
    ObjectNode node = JSON.createObjectNode().put("version", VERSION);
    node.put("protocol", header.protocol())
        .put("generation", header.generation())
        .put("created_at", header.createdAtMs());
    ArrayNode topics = node.putArray("topics");
    for (GroupTopic topic : header.topics().values()) {
      topics
          .addObject()
          .put("topic", topic.name())
          .put("topic_id", topic.id().toString())
          .put("partitions", topic.partitions())
          .put("first_partitions", topic.firstPartitions());
    }
    return withOther(node.put("metadata", header.metadata()), header.other());
  }

  private static GroupHeader header(JsonNode node) {
    SortedMap<UUID, GroupTopic> topics = new TreeMap<>();
    for (JsonNode each : node.required("topics")) {
      UUID id = UUID.fromString(each.required("topic_id").stringValue());
      int partitions = each.required("partitions").intValue();
      int first = each.required("first_partitions").intValue();
      topics.put(id, new GroupTopic(id, shared(each.required("topic")), partitions, first));
    }
    return new GroupHeader(
        shared(node.required("protocol")),
        node.required("generation").intValue(),
        node.required("created_at").longValue(),
        topics,
        node.required("metadata").stringValue(),
        other(node, GROUP_FIELDS));
  }

  private static ObjectNode memberValue(Member member) {
    Subscription subscription = member.subscription();
    ObjectNode node = JSON.createObjectNode().put("version", VERSION);
    node.put("protocol", member.protocol());
    ArrayNode topics = node.putArray("topics");
    subscription.topics().forEach(topics::add);
    switch (subscription.from()) {
      case StartFrom.Earliest _ -> node.put("from", "earliest");
      case StartFrom.Latest _ -> node.put("from", "latest");
      case StartFrom.At at -> node.put("from", at.timestampMs());
    }
    node.put("session_timeout_ms", subscription.sessionTimeoutMs())
        .put("auto_commit", subscription.autoCommit())
        .put("active", member.active())
        .put("since", member.sinceMs());
    ArrayNode assignment = node.putArray("assignment");
    member
        .owned()
        .forEach(
            (partition, ownership) ->
                assignment
                    .addObject()
                    .put("topic", ownership.topic())
                    .put("topic_id", partition.topicId().toString())
                    .put("partition", partition.partition())
                    .put("epoch", ownership.epoch())
                    .put("revoking", ownership.revoking()));
    return withOther(node.put("metadata", member.metadata()), member.other());
  }

  private static Member member(String id, JsonNode node) {
    SortedMap<TopicPartition, Ownership> owned = new TreeMap<>();
    for (JsonNode each : node.required("assignment")) {
      owned.put(
          partition(each),
          new Ownership(
              shared(each.required("topic")),
              each.required("epoch").intValue(),
              each.required("revoking").booleanValue()));
    }
    Subscription subscription =
        new Subscription(
            node.required("topics").valueStream().map(GroupRecordJson::shared).toList(),
            from(node.required("from")),
            node.required("session_timeout_ms").longValue(),
            node.required("auto_commit").booleanValue());
    return new Member(
        id,
        shared(node.required("protocol")),
        subscription,
        node.required("active").booleanValue(),
        node.required("since").longValue(),
        owned,
        node.required("metadata").stringValue(),
        other(node, MEMBER_FIELDS));
  }

  /** A word that many records have: all get the same string. */
  private static String shared(JsonNode node) {
    return node.stringValue().intern();
  }

  private static StartFrom from(JsonNode node) {
    if (node.isIntegralNumber()) {
      return new StartFrom.At(node.longValue());
    }
    return switch (node.stringValue()) {
      case "earliest" -> StartFrom.EARLIEST;
      case "latest" -> StartFrom.LATEST;
      default -> throw new IllegalArgumentException("from=" + node);
    };
  }

  private static ObjectNode offsetValue(CommittedOffset offset) {
    ObjectNode node = JSON.createObjectNode().put("version", VERSION);
    node.put("offset", offset.offset())
        .put("leader_epoch", offset.leaderEpoch())
        .put("metadata", offset.metadata())
        .put("committed_at", offset.committedAtMs());
    return withOther(node, offset.other());
  }

  private static CommittedOffset offset(String topic, JsonNode node) {
    return new CommittedOffset(
        topic,
        node.required("offset").longValue(),
        node.required("leader_epoch").intValue(),
        node.required("metadata").stringValue(),
        node.required("committed_at").longValue(),
        other(node, OFFSET_FIELDS));
  }

  private static TopicPartition partition(JsonNode node) {
    return new TopicPartition(
        UUID.fromString(node.required("topic_id").stringValue()),
        node.required("partition").intValue());
  }

  private static Map<String, String> other(JsonNode node, Set<String> known) {
    Map<String, String> other = new TreeMap<>();
    node.properties().stream()
        .filter(field -> !known.contains(field.getKey()))
        .forEach(field -> other.put(field.getKey(), field.getValue().toString()));
    return other;
  }

  private static ObjectNode withOther(ObjectNode node, Map<String, String> other) {
    other.forEach((name, json) -> node.set(name, JSON.readTree(json)));
    return node;
  }

  private static ByteBuffer bytes(ObjectNode node) {
    return ByteBuffer.wrap(JSON.writeValueAsBytes(node));
  }

  private static byte[] copy(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
