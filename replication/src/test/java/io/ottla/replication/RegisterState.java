package io.ottla.replication;

import io.ottla.disk.Disk;
import io.ottla.disk.Disk.OpenMode;
import io.ottla.disk.DiskFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A replicated state for tests: one file to which every entry is appended, {@code index i64 | term
 * i64 | length i32 | payload}, and a running checksum of it. Two replicas that applied the same
 * entries have the same bytes.
 */
final class RegisterState implements ReplicatedState {
  private final Disk disk;
  private final Path brokerDirectory;
  private final Path directory;
  private DiskFile file;
  private long sizeBytes;
  private volatile long applied;
  private volatile boolean closed;
  volatile IOException failNextApply;
  volatile Runnable beforeApply = () -> {};
  volatile Runnable beforeForce = () -> {};

  RegisterState(Disk disk, Path brokerDirectory, int group) {
    this.disk = disk;
    this.brokerDirectory = brokerDirectory;
    this.directory = Path.of("registers", "group-" + group);
  }

  private Path path() {
    return directory.resolve("entries");
  }

  @Override
  public void restore(Optional<byte[]> checkpoint) throws IOException {
    Path absolute = brokerDirectory.resolve(path());
    if (checkpoint.isEmpty()) {
      disk.deleteTree(absolute.getParent());
      disk.createDirectories(absolute.getParent());
      file = disk.open(absolute, OpenMode.CREATE);
      return;
    }
    ByteBuffer bytes = ByteBuffer.wrap(checkpoint.get());
    sizeBytes = bytes.getLong();
    applied = bytes.getLong();
    if (!disk.exists(absolute) || disk.sizeBytes(absolute) < sizeBytes) {
      throw new LostReplicaException("file is short: " + absolute);
    }
    file = disk.open(absolute, OpenMode.READ_WRITE);
    file.truncate(sizeBytes);
  }

  @Override
  public ByteBuffer apply(Entry entry) throws IOException {
    if (failNextApply != null) {
      throw failNextApply;
    }
    beforeApply.run();
    ByteBuffer bytes = ByteBuffer.allocate(20 + entry.payload().remaining());
    bytes.putLong(entry.index()).putLong(entry.term()).putInt(entry.payload().remaining());
    bytes.put(entry.payload().duplicate()).flip();
    int length = bytes.remaining();
    file.write(bytes, sizeBytes);
    sizeBytes += length;
    long count = applied + 1;
    applied = count;
    return ByteBuffer.allocate(8).putLong(count).flip();
  }

  @Override
  public Capture capture() {
    long size = sizeBytes;
    byte[] state = ByteBuffer.allocate(16).putLong(size).putLong(applied).array();
    return new Capture() {
      @Override
      public void force() throws IOException {
        beforeForce.run();
        file.force();
        disk.forceDirectory(brokerDirectory.resolve(directory));
      }

      @Override
      public byte[] state() {
        return state;
      }

      @Override
      public List<PinnedFile> files() {
        return List.of(new PinnedFile(path(), size));
      }

      @Override
      public void durable() {}
    };
  }

  @Override
  public List<Path> ownedDirectories() {
    return List.of(directory);
  }

  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      file.close();
    }
  }

  /** How many entries it holds. */
  long applied() {
    return applied;
  }

  /** All payloads, in order; from the file, not from memory. */
  List<String> payloads() throws IOException {
    List<String> payloads = new ArrayList<>();
    ByteBuffer bytes = content();
    while (bytes.hasRemaining()) {
      bytes.position(bytes.position() + 16);
      byte[] payload = new byte[bytes.getInt()];
      bytes.get(payload);
      payloads.add(new String(payload, StandardCharsets.UTF_8));
    }
    return payloads;
  }

  long checksum() throws IOException {
    CRC32C checksum = new CRC32C();
    checksum.update(content());
    return checksum.getValue();
  }

  private ByteBuffer content() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(disk.readAll(brokerDirectory.resolve(path())));
    return ByteBuffer.wrap(out.toByteArray());
  }
}
