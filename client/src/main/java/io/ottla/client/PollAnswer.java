package io.ottla.client;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * What {@code GET /events} answered. A JSON value's bytes are those of the answer, which are those
 * that were stored.
 *
 * @param consumerId 0 if it was read without a consumer
 * @param nextOffset where to go on without a consumer; else -1
 * @param cursor where to go on as a consumer; else null
 */
record PollAnswer(
    long consumerId,
    Set<TopicPartition> assignment,
    List<ConsumerRecord> records,
    long nextOffset,
    String cursor) {
  static PollAnswer read(byte[] body) {
    try (JsonParser parser = Json.parser(body)) {
      return new Reader(parser, body).read();
    } catch (JacksonException | IllegalArgumentException e) {
      throw OttlaException.noAnswer("bad_answer", "The answer is not what it should be.", e);
    }
  }

  /** The partitions that a list of objects names. */
  static Set<TopicPartition> partitions(Object list) {
    Set<TopicPartition> partitions = new LinkedHashSet<>();
    if (list instanceof List<?> objects) {
      for (Object object : objects) {
        if (object instanceof Map<?, ?> one
            && one.get("topic") instanceof String topic
            && one.get("partition") instanceof Long partition) {
          partitions.add(new TopicPartition(topic, partition.intValue()));
        }
      }
    }
    return partitions;
  }

  /** Reads one answer. One owner, used once. */
  private static final class Reader {
    private final JsonParser parser;
    private final byte[] body;
    private final List<ConsumerRecord> records = new ArrayList<>();
    private String topic;
    private int partition;
    private long offset;
    private long timestamp;
    private byte[] key;
    private byte[] value;
    private List<Header> headers;

    Reader(JsonParser parser, byte[] body) {
      this.parser = parser;
      this.body = body;
    }

    PollAnswer read() {
      long consumerId = 0;
      long nextOffset = -1;
      String cursor = null;
      Set<TopicPartition> assignment = Set.of();
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("not an object");
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        switch (name) {
          case "consumer_id" -> consumerId = parser.getLongValue();
          case "next_offset" -> nextOffset = parser.getLongValue();
          case "cursor" -> cursor = parser.getString();
          case "assignment" -> assignment = partitions(Json.value(parser));
          case "events" -> readEvents();
          default -> parser.skipChildren();
        }
      }
      return new PollAnswer(consumerId, assignment, records, nextOffset, cursor);
    }

    private void readEvents() {
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        key = null;
        value = null;
        headers = List.of();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
          String name = parser.currentName();
          readMember(name, parser.nextToken());
        }
        records.add(new ConsumerRecord(topic, partition, offset, timestamp, key, value, headers));
      }
    }

    private void readMember(String name, JsonToken token) {
      switch (name) {
        case "topic" -> topic = parser.getString();
        case "partition" -> partition = parser.getIntValue();
        case "offset" -> offset = parser.getLongValue();
        case "timestamp" -> timestamp = parser.getLongValue();
        case "key" ->
            key = token == JsonToken.VALUE_NULL ? null : ProducerRecord.utf8(parser.getString());
        case "key_base64" -> key = Base64.getDecoder().decode(parser.getString());
        case "value" -> value = slice(token);
        case "value_base64" -> value = Base64.getDecoder().decode(parser.getString());
        case "headers" -> headers = headers((Map<?, ?>) Json.value(parser));
        case "header_list" -> headers = headerList((List<?>) Json.value(parser));
        default -> parser.skipChildren();
      }
    }

    /** The bytes from the value's first token to its last byte; null for {@code null}. */
    private byte[] slice(JsonToken token) {
      int from = (int) parser.currentTokenLocation().getByteOffset();
      switch (token) {
        case VALUE_NULL -> {
          return null;
        }
        case START_OBJECT, START_ARRAY -> parser.skipChildren();
        case VALUE_STRING -> parser.finishToken();
        default -> {
          // A number or a literal: the parser has read it to its end.
        }
      }
      return Arrays.copyOfRange(body, from, (int) parser.currentLocation().getByteOffset());
    }

    private static List<Header> headers(Map<?, ?> members) {
      List<Header> headers = new ArrayList<>();
      members.forEach((name, text) -> headers.add(Header.of((String) name, (String) text)));
      return headers;
    }

    private static List<Header> headerList(List<?> list) {
      List<Header> headers = new ArrayList<>();
      for (Object element : list) {
        Map<?, ?> header = (Map<?, ?>) element;
        byte[] bytes = null;
        if (header.get("value") instanceof String text) {
          bytes = ProducerRecord.utf8(text);
        } else if (header.get("value_base64") instanceof String base64) {
          bytes = Base64.getDecoder().decode(base64);
        }
        headers.add(new Header((String) header.get("name"), bytes));
      }
      return headers;
    }
  }
}
