package io.ottla.metadata;

import java.io.IOException;
import java.nio.ByteBuffer;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * The bytes of commands, results and the checkpointed state. Thread-safe.
 *
 * <h2>The bytes</h2>
 *
 * <pre>{@code
 * 0        1
 * version  JSON, UTF-8: {"kind":"create_topic","id":"…","name":"liked",…}
 * }</pre>
 *
 * JSON rather than a compact form: these entries are few and small, a person can read them in a
 * journal or a checkpoint, and the library writes records without code of ours. The kinds' names
 * are annotations, so renaming a class changes no bytes. No checksum: the journal and the
 * checkpoint have theirs.
 *
 * <h2>Failure</h2>
 *
 * Whatever is not exactly understood is an {@code IOException}: another version, an unknown kind or
 * field, a missing or mistyped one, bytes behind the end. A replica that skipped such an entry
 * would differ from the others for ever; it must fail instead.
 */
public final class MetadataCodec {
  private static final byte VERSION = 1;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .build();

  private MetadataCodec() {}

  /** The command's bytes: a payload for the metadata group. */
  public static ByteBuffer encode(MetadataCommand command) {
    return ByteBuffer.wrap(write(MetadataCommand.class, command));
  }

  /** The result that {@link ClusterMetadata#apply} gave. */
  public static MetadataResult decodeResult(ByteBuffer bytes) throws IOException {
    return read(MetadataResult.class, toArray(bytes));
  }

  static MetadataCommand decodeCommand(ByteBuffer bytes) throws IOException {
    return read(MetadataCommand.class, toArray(bytes));
  }

  static ByteBuffer encodeResult(MetadataResult result) {
    return ByteBuffer.wrap(write(MetadataResult.class, result));
  }

  static byte[] encodeState(ClusterState state) {
    return write(ClusterState.class, state);
  }

  static ClusterState decodeState(byte[] bytes) throws IOException {
    return read(ClusterState.class, bytes);
  }

  private static <T> byte[] write(Class<T> type, T value) {
    byte[] json = JSON.writerFor(type).writeValueAsBytes(value);
    byte[] bytes = new byte[json.length + 1];
    bytes[0] = VERSION;
    System.arraycopy(json, 0, bytes, 1, json.length);
    return bytes;
  }

  private static <T> T read(Class<T> type, byte[] bytes) throws IOException {
    if (bytes.length == 0 || bytes[0] != VERSION) {
      throw new IOException(
          "metadata of an unknown version: bytes="
              + bytes.length
              + (bytes.length == 0 ? "" : " version=" + bytes[0])
              + " known="
              + VERSION);
    }
    try {
      T value = JSON.readerFor(type).readValue(bytes, 1, bytes.length - 1);
      if (value == null) {
        throw new IOException("metadata without content");
      }
      return value;
    } catch (JacksonException e) {
      throw new IOException("metadata that is not understood: " + e.getOriginalMessage(), e);
    }
  }

  private static byte[] toArray(ByteBuffer bytes) {
    byte[] array = new byte[bytes.remaining()];
    bytes.duplicate().get(array);
    return array;
  }
}
