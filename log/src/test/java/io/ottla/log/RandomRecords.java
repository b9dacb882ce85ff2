package io.ottla.log;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Records of every shape, the same for the same seed. */
final class RandomRecords {
  private static final String[] NAMES = {"", "a", "content-type", "ключ", "naïve \uD83D\uDE00"};

  private final Random random;

  RandomRecords(Random random) {
    this.random = random;
  }

  /** Offsets are 0, 1, 2, …; compressible and incompressible values, nulls and empty ones. */
  List<StoredRecord> list(int count) {
    List<StoredRecord> records = new ArrayList<>();
    long timestampMs = 1_700_000_000_000L;
    for (int i = 0; i < count; i++) {
      timestampMs += random.nextInt(2000) - 500;
      records.add(new StoredRecord(i, timestampMs, bytes(40), bytes(600), headers()));
    }
    return records;
  }

  static ByteBuffer build(Compression compression, List<StoredRecord> records) {
    RecordBatchBuilder builder = new RecordBatchBuilder(compression);
    for (StoredRecord record : records) {
      builder.append(record.timestampMs(), record.key(), record.value(), record.headers());
    }
    return builder.build();
  }

  ByteBuffer bytes(int most) {
    return switch (random.nextInt(8)) {
      case 0 -> null;
      case 1 -> ByteBuffer.allocate(0);
      default -> filled(new byte[random.nextInt(most)]);
    };
  }

  private ByteBuffer filled(byte[] bytes) {
    if (random.nextBoolean()) {
      random.nextBytes(bytes);
    } else {
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) "{\"post\":99,\"user\":\"u42\"}".charAt(i % 24);
      }
    }
    int lead = random.nextInt(3);
    ByteBuffer padded = ByteBuffer.allocate(lead + bytes.length);
    padded.position(lead);
    padded.put(bytes).position(lead);
    return random.nextBoolean() ? padded : padded.asReadOnlyBuffer();
  }

  private List<Header> headers() {
    List<Header> headers = new ArrayList<>();
    for (int i = random.nextInt(12) - 8; i > 0; i--) {
      byte[] value = random.nextInt(4) == 0 ? null : new byte[random.nextInt(20)];
      if (value != null) {
        random.nextBytes(value);
      }
      headers.add(new Header(NAMES[random.nextInt(NAMES.length)], value));
    }
    return headers;
  }
}
