package io.ottla.broker.produce;

import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.broker.store.ProducerClaim.Mark;
import io.ottla.log.Header;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/**
 * The checksum of a sequence's events in one partition, one after the other, so that other events
 * under the same sequence are noticed. 64 bits: CRC-32 and CRC-32C of everything that makes the
 * event, mixed into the checksum of those before it. It stands in journals and checkpoints, so it
 * stays as it is. One owner at a time.
 *
 * <pre>{@code
 * of one event   long line | key | value | long timestampMs | int headers | headers × (name | value)
 * bytes          int length, -1 if there are none | the bytes                              big-endian
 * }</pre>
 */
final class EventChecksum {
  private static final long MIXER = 0x9e3779b97f4a7c15L; // 2^64 / golden ratio, odd
  private static final int NONE = -1;

  private final CRC32 ieee = new CRC32();
  private final CRC32C castagnoli = new CRC32C();
  private final ByteBuffer scratch = ByteBuffer.allocate(Long.BYTES);

  /**
   * The mark behind one more event.
   *
   * @param line the event's number in its request or stream
   */
  Mark after(Mark before, long line, Event event) {
    ieee.reset();
    castagnoli.reset();
    addLong(line);
    add(event.key());
    add(event.value());
    addLong(event.timestampMs());
    addInt(event.headers().size());
    for (Header header : event.headers()) {
      add(ByteBuffer.wrap(header.name().getBytes(StandardCharsets.UTF_8)));
      add(header.value() == null ? null : ByteBuffer.wrap(header.value()));
    }
    long own = ieee.getValue() << 32 | castagnoli.getValue();
    return new Mark(line, (Long.rotateLeft(before.checksum(), 23) ^ own) * MIXER);
  }

  private void add(ByteBuffer bytes) {
    addInt(bytes == null ? NONE : bytes.remaining());
    if (bytes != null) {
      add(ieee, bytes);
      add(castagnoli, bytes);
    }
  }

  private static void add(Checksum checksum, ByteBuffer bytes) {
    checksum.update(bytes.duplicate());
  }

  private void addLong(long number) {
    addScratch(scratch.clear().putLong(number));
  }

  private void addInt(int number) {
    addScratch(scratch.clear().putInt(number));
  }

  private void addScratch(ByteBuffer written) {
    ByteBuffer bytes = written.flip();
    add(ieee, bytes);
    add(castagnoli, bytes);
  }
}
