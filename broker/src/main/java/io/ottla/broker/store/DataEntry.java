package io.ottla.broker.store;

import io.ottla.broker.store.DataCommand.AlterPartition;
import io.ottla.broker.store.DataCommand.Append;
import io.ottla.broker.store.DataCommand.Compact;
import io.ottla.broker.store.DataCommand.CreatePartition;
import io.ottla.broker.store.DataCommand.DropPartition;
import io.ottla.broker.store.DataCommand.ExpireProducers;
import io.ottla.broker.store.DataCommand.OfPartition;
import io.ottla.broker.store.DataCommand.ShortenProducers;
import io.ottla.broker.store.DataCommand.TrimFront;
import io.ottla.broker.store.ProducerClaim.Mark;
import io.ottla.broker.store.ProducerClaim.ProducerKey;
import io.ottla.log.Compaction;
import io.ottla.log.Compression;
import io.ottla.log.KeptOffsets;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The payload of a data group's entry: a list of commands. Stateless.
 *
 * <h2>The bytes</h2>
 *
 * <pre>{@code
 * byte version = 1 | int count | count × command                      big-endian
 * command   byte kind | int bodyBytes | body
 * body of 1 to 6        long topicId msb, lsb | int partition | rest
 * rest of   1 append    byte claim = 0 | batch
 *                       byte claim = 2 | long producerId | short epoch | byte kind | long sequence
 *                                      | mark before | mark after | long timestampMs | batch
 *           2 create    config | topic name, UTF-8
 *           3 alter     config
 *           4 drop      –
 *           5 trim      long newStartOffset
 *           6 compact   long firstBaseOffset | long nextOffset | byte compression, Kafka's id
 *                       | KeptOffsets
 * body of 7 expire      int count | count × long producerId
 *         8 shorten     long usedBeforeMs | int keep
 * mark      long line | long checksum
 * config    long segmentBytes | long segmentMs | long retentionMs | long retentionBytes
 *           | byte compacted
 * }</pre>
 *
 * The journal's own checksum covers them.
 */
public final class DataEntry {
  static final int CONFIG_BYTES = 4 * Long.BYTES + 1;

  private static final byte VERSION = 1;
  private static final int HEADER_BYTES = 1 + Integer.BYTES;
  private static final int COMMAND_HEADER_BYTES = 1 + Integer.BYTES;
  private static final int TARGET_BYTES = 2 * Long.BYTES + Integer.BYTES;
  private static final int CLAIM_BYTES = Long.BYTES + Short.BYTES + 1 + 6 * Long.BYTES;
  private static final byte NO_CLAIM = 0;
  private static final byte CLAIM = 2;

  private static final byte APPEND = 1;
  private static final byte CREATE = 2;
  private static final byte ALTER = 3;
  private static final byte DROP = 4;
  private static final byte TRIM = 5;
  private static final byte COMPACT = 6;
  private static final byte EXPIRE = 7;
  private static final byte SHORTEN = 8;

  private DataEntry() {}

  /** The bytes that an entry without commands takes. */
  public static int emptySizeBytes() {
    return HEADER_BYTES;
  }

  /** The bytes that one more command takes. */
  public static int sizeBytes(DataCommand command) {
    return COMMAND_HEADER_BYTES + bodyBytes(command);
  }

  private static int bodyBytes(DataCommand command) {
    return switch (command) {
      case OfPartition ofPartition -> TARGET_BYTES + restBytes(ofPartition);
      case ExpireProducers expire -> Integer.BYTES + expire.producerIds().size() * Long.BYTES;
      case ShortenProducers shorten -> Long.BYTES + Integer.BYTES;
    };
  }

  private static int restBytes(OfPartition command) {
    return switch (command) {
      case Append append ->
          1 + (append.claim().isPresent() ? CLAIM_BYTES : 0) + append.batch().remaining();
      case CreatePartition create ->
          CONFIG_BYTES + create.topicName().getBytes(StandardCharsets.UTF_8).length;
      case AlterPartition alter -> CONFIG_BYTES;
      case DropPartition drop -> 0;
      case TrimFront trim -> Long.BYTES;
      case Compact compact -> 2 * Long.BYTES + 1 + compact.compaction().kept().bytes().remaining();
    };
  }

  /** The entry's payload; the commands' buffers are left as they are. */
  public static ByteBuffer encode(List<? extends DataCommand> commands) {
    int sizeBytes = HEADER_BYTES;
    for (DataCommand command : commands) {
      sizeBytes += sizeBytes(command);
    }
    ByteBuffer out = ByteBuffer.allocate(sizeBytes);
    out.put(VERSION).putInt(commands.size());
    for (DataCommand command : commands) {
      write(command, out);
    }
    return out.flip();
  }

  private static void write(DataCommand command, ByteBuffer out) {
    out.put(
        switch (command) {
          case Append append -> APPEND;
          case CreatePartition create -> CREATE;
          case AlterPartition alter -> ALTER;
          case DropPartition drop -> DROP;
          case TrimFront trim -> TRIM;
          case Compact compact -> COMPACT;
          case ExpireProducers expire -> EXPIRE;
          case ShortenProducers shorten -> SHORTEN;
        });
    out.putInt(bodyBytes(command));
    switch (command) {
      case OfPartition ofPartition -> writeBody(ofPartition, out);
      case ExpireProducers expire -> {
        out.putInt(expire.producerIds().size());
        expire.producerIds().forEach(out::putLong);
      }
      case ShortenProducers shorten -> out.putLong(shorten.usedBeforeMs()).putInt(shorten.keep());
    }
  }

  private static void writeBody(OfPartition command, ByteBuffer out) {
    UUID topicId = command.topicId();
    out.putLong(topicId.getMostSignificantBits()).putLong(topicId.getLeastSignificantBits());
    out.putInt(command.partition());
    switch (command) {
      case Append append -> {
        writeClaim(append.claim(), out);
        out.put(append.batch().duplicate());
      }
      case CreatePartition create -> {
        writeConfig(create.config(), out);
        out.put(create.topicName().getBytes(StandardCharsets.UTF_8));
      }
      case AlterPartition alter -> writeConfig(alter.config(), out);
      case DropPartition drop -> {}
      case TrimFront trim -> out.putLong(trim.newStartOffset());
      case Compact compact -> writeCompaction(compact.compaction(), out);
    }
  }

  private static void writeCompaction(Compaction compaction, ByteBuffer out) {
    out.putLong(compaction.firstBaseOffset()).putLong(compaction.nextOffset());
    out.put((byte) compaction.compression().id());
    out.put(compaction.kept().bytes());
  }

  private static void writeClaim(Optional<ProducerClaim> claim, ByteBuffer out) {
    if (claim.isEmpty()) {
      out.put(NO_CLAIM);
      return;
    }
    ProducerClaim given = claim.get();
    ProducerKey producer = given.producer();
    out.put(CLAIM);
    out.putLong(producer.producerId()).putShort(producer.epoch()).put(producer.kind().id());
    out.putLong(given.sequence());
    writeMark(given.before(), out);
    writeMark(given.after(), out);
    out.putLong(given.timestampMs());
  }

  private static void writeMark(Mark mark, ByteBuffer out) {
    out.putLong(mark.line()).putLong(mark.checksum());
  }

  static void writeConfig(PartitionConfig config, ByteBuffer out) {
    out.putLong(config.segmentBytes()).putLong(config.segmentMs());
    out.putLong(config.retentionMs()).putLong(config.retentionBytes());
    out.put((byte) (config.compacted() ? 1 : 0));
  }

  /**
   * The commands; batches are slices of {@code payload}, not checked.
   *
   * @throws CorruptEntryException when they are not an entry of this version
   */
  public static List<DataCommand> decode(ByteBuffer payload) throws CorruptEntryException {
    ByteBuffer in = payload.duplicate();
    try {
      byte version = in.get();
      if (version != VERSION) {
        throw new CorruptEntryException("entry of an unknown version: version=" + version);
      }
      int count = in.getInt();
      if (count < 0 || count > in.remaining() / COMMAND_HEADER_BYTES) {
        throw new CorruptEntryException("entry with an impossible count: count=" + count);
      }
      List<DataCommand> commands = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        commands.add(readCommand(in));
      }
      if (in.hasRemaining()) {
        throw new CorruptEntryException("entry with a tail: bytes=" + in.remaining());
      }
      return commands;
    } catch (BufferUnderflowException e) {
      throw new CorruptEntryException("entry is cut short", e);
    }
  }

  private static DataCommand readCommand(ByteBuffer in) throws CorruptEntryException {
    byte kind = in.get();
    int bodyBytes = in.getInt();
    if (bodyBytes < 0 || bodyBytes > in.remaining()) {
      throw new CorruptEntryException("command is cut short: bodyBytes=" + bodyBytes);
    }
    ByteBuffer body = in.slice(in.position(), bodyBytes);
    in.position(in.position() + bodyBytes);
    DataCommand command =
        switch (kind) {
          case EXPIRE -> readExpire(body);
          case SHORTEN -> readShorten(body);
          default -> readOfPartition(kind, body);
        };
    if (body.hasRemaining()) {
      throw new CorruptEntryException("command with a tail: bytes=" + body.remaining());
    }
    return command;
  }

  private static OfPartition readOfPartition(byte kind, ByteBuffer body)
      throws CorruptEntryException {
    UUID topicId = new UUID(body.getLong(), body.getLong());
    int partition = body.getInt();
    return switch (kind) {
      case APPEND -> {
        Optional<ProducerClaim> claim = readClaim(body);
        ByteBuffer batch = body.slice();
        body.position(body.limit());
        yield new Append(topicId, partition, batch, claim);
      }
      case CREATE -> {
        PartitionConfig config = readConfig(body);
        yield new CreatePartition(topicId, text(body), partition, config);
      }
      case ALTER -> new AlterPartition(topicId, partition, readConfig(body));
      case DROP -> new DropPartition(topicId, partition);
      case TRIM -> new TrimFront(topicId, partition, body.getLong());
      case COMPACT -> new Compact(topicId, partition, readCompaction(body));
      default -> throw new CorruptEntryException("command of an unknown kind: kind=" + kind);
    };
  }

  private static ExpireProducers readExpire(ByteBuffer body) throws CorruptEntryException {
    int count = body.getInt();
    if (count < 0 || count > body.remaining() / Long.BYTES) {
      throw new CorruptEntryException("producers with an impossible count: count=" + count);
    }
    List<Long> producerIds = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      producerIds.add(body.getLong());
    }
    return new ExpireProducers(producerIds);
  }

  private static ShortenProducers readShorten(ByteBuffer body) throws CorruptEntryException {
    long usedBeforeMs = body.getLong();
    int keep = body.getInt();
    if (keep < 0) {
      throw new CorruptEntryException("sequences to keep make no sense: keep=" + keep);
    }
    return new ShortenProducers(usedBeforeMs, keep);
  }

  private static Optional<ProducerClaim> readClaim(ByteBuffer in) throws CorruptEntryException {
    byte claim = in.get();
    return switch (claim) {
      case NO_CLAIM -> Optional.empty();
      case CLAIM -> {
        ProducerKey producer =
            new ProducerKey(in.getLong(), in.getShort(), ProducerClaim.Kind.of(in.get()));
        long sequence = in.getLong();
        Mark before = readMark(in);
        Mark after = readMark(in);
        yield Optional.of(new ProducerClaim(producer, sequence, before, after, in.getLong()));
      }
      default -> throw new CorruptEntryException("claim of an unknown form: claim=" + claim);
    };
  }

  private static Mark readMark(ByteBuffer in) {
    return new Mark(in.getLong(), in.getLong());
  }

  private static Compaction readCompaction(ByteBuffer in) throws CorruptEntryException {
    long firstBaseOffset = in.getLong();
    long nextOffset = in.getLong();
    Compression compression = compression(in.get());
    KeptOffsets kept =
        KeptOffsets.of(in)
            .orElseThrow(() -> new CorruptEntryException("kept offsets make no sense"));
    in.position(in.limit());
    return new Compaction(firstBaseOffset, nextOffset, compression, kept);
  }

  private static Compression compression(byte id) throws CorruptEntryException {
    for (Compression compression : Compression.values()) {
      if (compression.id() == id) {
        return compression;
      }
    }
    throw new CorruptEntryException("compression is unknown: id=" + id);
  }

  static PartitionConfig readConfig(ByteBuffer in) throws CorruptEntryException {
    return new PartitionConfig(
        in.getLong(), in.getLong(), in.getLong(), in.getLong(), readFlag(in));
  }

  private static boolean readFlag(ByteBuffer in) throws CorruptEntryException {
    byte flag = in.get();
    if (flag != 0 && flag != 1) {
      throw new CorruptEntryException("flag is neither 0 nor 1: flag=" + flag);
    }
    return flag == 1;
  }

  private static String text(ByteBuffer in) throws CorruptEntryException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(in).toString();
    } catch (CharacterCodingException e) {
      throw new CorruptEntryException("topic name is not UTF-8", e);
    }
  }
}
