package io.ottla.http.json;

import io.ottla.broker.Refusal;
import io.ottla.broker.produce.ProduceResult;
import io.ottla.broker.produce.ProduceResult.EventResult;
import io.ottla.log.Header;
import io.ottla.log.StoredRecord;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Writes records and the outcomes of appends as the contract's JSON.
 *
 * <p>A stored value that is exactly one JSON value is written as it is, byte for byte; any other
 * becomes {@code value_base64}. So does the stored text {@code null}, as {@code "value":null} says
 * that there is none. Values are copied into the answer first and judged there: they are read once.
 */
public final class EventJson {
  private static final byte[] TIMESTAMP = ",\"timestamp\":".getBytes(StandardCharsets.US_ASCII);

  private EventJson() {}

  /** One record as an event. */
  public static void writeEvent(JsonBuffer out, String topic, int partition, StoredRecord event) {
    writeEvent(out, startOf(topic, partition), event);
  }

  /**
   * What every event of a partition begins with: see {@link #writeEvent(JsonBuffer, byte[],
   * StoredRecord)}.
   */
  public static byte[] startOf(String topic, int partition) {
    JsonBuffer out = new JsonBuffer(64);
    out.raw("{\"topic\":").string(topic);
    out.raw(",\"partition\":").number(partition);
    return out.raw(",\"offset\":").toByteArray();
  }

  /**
   * One record as an event.
   *
   * @param start by {@link #startOf}
   */
  public static void writeEvent(JsonBuffer out, byte[] start, StoredRecord event) {
    write(out, start, event, false);
  }

  /** The same on one line: line breaks between the value's tokens become spaces. */
  public static void writeEventLine(JsonBuffer out, byte[] start, StoredRecord event) {
    write(out, start, event, true);
  }

  private static void write(JsonBuffer out, byte[] start, StoredRecord event, boolean oneLine) {
    out.raw(start, 0, start.length).number(event.offset());
    out.raw(TIMESTAMP, 0, TIMESTAMP.length).number(event.timestampMs());
    writeKey(out, event.key());
    writeValue(out, event.value(), oneLine);
    writeHeaders(out, event.headers());
    out.raw('}');
  }

  /** The answer to one event. */
  public static void writeCommitted(JsonBuffer out, String topic, EventResult.Committed event) {
    out.raw("{\"topic\":").string(topic);
    out.raw(",\"partition\":").number(event.partition());
    out.raw(",\"offset\":").number(event.offset());
    out.raw(",\"timestamp\":").number(event.timestampMs());
    out.raw(",\"committed\":true}");
  }

  /** The answer to a batch: one entry per event, in input order. */
  public static void writeBatchResult(JsonBuffer out, ProduceResult result) {
    out.raw("{\"topic\":").string(result.topic());
    out.raw(result.allCommitted() ? ",\"committed\":true" : ",\"committed\":false");
    out.raw(",\"events\":[");
    List<EventResult> events = result.events();
    for (int i = 0; i < events.size(); i++) {
      if (i > 0) {
        out.raw(',');
      }
      switch (events.get(i)) {
        case EventResult.Committed event ->
            out.raw("{\"partition\":")
                .number(event.partition())
                .raw(",\"offset\":")
                .number(event.offset())
                .raw('}');
        case EventResult.Failed(int _, Refusal refusal) -> writeFailed(out, refusal);
      }
    }
    out.raw("]}");
  }

  static void writeFailed(JsonBuffer out, Refusal refusal) {
    boolean certainlyNot = Boolean.FALSE.equals(refusal.attributes().get("appended"));
    out.raw("{\"error\":{\"code\":\"").raw(refusal.code().wireName());
    out.raw(refusal.code().retriable() ? "\",\"retriable\":true" : "\",\"retriable\":false");
    out.raw(certainlyNot ? ",\"appended\":false}}" : ",\"appended\":\"unknown\"}}");
  }

  private static void writeKey(JsonBuffer out, ByteBuffer key) {
    if (key == null) {
      out.raw(",\"key\":null");
      return;
    }
    int before = out.lengthBytes();
    out.raw(",\"key\":");
    if (!writeIfText(out, key)) {
      out.truncateTo(before);
      out.raw(",\"key_base64\":").base64(key);
    }
  }

  private static void writeValue(JsonBuffer out, ByteBuffer value, boolean oneLine) {
    if (value == null) {
      out.raw(",\"value\":null");
      return;
    }
    int before = out.lengthBytes();
    out.raw(",\"value\":");
    int from = out.lengthBytes();
    out.raw(value);
    switch (Json.oneValue(out.array(), from, out.lengthBytes())) {
      case NOT_JSON -> {
        out.truncateTo(before);
        out.raw(",\"value_base64\":").base64(value);
      }
      case ONE_LINE -> {}
      case LINES -> {
        if (oneLine) {
          // Within strings JSON has no line breaks: those that are there lie between tokens.
          out.spacesForLineBreaks(from);
        }
      }
    }
  }

  private static boolean writeIfText(JsonBuffer out, ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(bytes.position(), copy);
    boolean text = Utf8.isValid(copy, 0, copy.length);
    if (text) {
      out.string(copy, 0, copy.length);
    }
    return text;
  }

  /** An object if it can hold them all as they are, else a list. */
  private static void writeHeaders(JsonBuffer out, List<Header> headers) {
    if (headers.isEmpty()) {
      out.raw(",\"headers\":{}");
    } else if (fitAnObject(headers)) {
      out.raw(",\"headers\":{");
      for (int i = 0; i < headers.size(); i++) {
        byte[] content = headers.get(i).value();
        if (i > 0) {
          out.raw(',');
        }
        out.string(headers.get(i).name()).raw(':').string(content, 0, content.length);
      }
      out.raw('}');
    } else {
      writeHeaderList(out, headers);
    }
  }

  private static boolean fitAnObject(List<Header> headers) {
    Set<String> names = new HashSet<>();
    for (Header header : headers) {
      byte[] content = header.value();
      if (content == null
          || !names.add(header.name())
          || !Utf8.isValid(content, 0, content.length)) {
        return false;
      }
    }
    return true;
  }

  private static void writeHeaderList(JsonBuffer out, List<Header> headers) {
    out.raw(",\"header_list\":[");
    for (int i = 0; i < headers.size(); i++) {
      byte[] content = headers.get(i).value();
      out.raw(i > 0 ? ",{\"name\":" : "{\"name\":").string(headers.get(i).name());
      if (content == null) {
        out.raw(",\"value\":null}");
      } else if (Utf8.isValid(content, 0, content.length)) {
        out.raw(",\"value\":").string(content, 0, content.length).raw('}');
      } else {
        out.raw(",\"value_base64\":").base64(ByteBuffer.wrap(content)).raw('}');
      }
    }
    out.raw(']');
  }
}
