package io.ottla.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.zip.CRC32C;

/** Identity files as a newer build would leave them. */
final class NewerFiles {
  private NewerFiles() {}

  /** The same deployment in the format after the one that is known, with a checksum that fits. */
  static byte[] deployment(String json) {
    String body = json.substring(0, json.lastIndexOf(",\n  \"crc32c\""));
    String newer = body.replaceFirst("\"format\" : [0-9]+", "\"format\" : 3");
    CRC32C crc = new CRC32C();
    crc.update(newer.getBytes(UTF_8));
    return (newer + String.format(",\n  \"crc32c\" : \"%08x\"\n}\n", crc.getValue()))
        .getBytes(UTF_8);
  }
}
