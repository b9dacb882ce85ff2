package io.ottla.replication;

import io.ottla.disk.SystemDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/** What happens to the files of one broker's only group, number 1, while it is down. */
final class Damage {
  private final Path broker;
  private final ReplicaFiles files;

  Damage(TestCluster cluster, int id) {
    this.broker = cluster.brokerDirectory(id);
    this.files = new ReplicaFiles(broker, cluster.network.spec(1));
  }

  Path journal() {
    return files.journal();
  }

  Path note() {
    return broker.resolve("acked");
  }

  Path vote() {
    return files.journal().resolve("raft-meta");
  }

  Path configuration() {
    return files.journal().resolve("raft-meta.conf");
  }

  List<Path> journalFiles() throws IOException {
    try (var all = Files.list(journal())) {
      return all.filter(path -> path.getFileName().toString().startsWith("log_"))
          .sorted(Comparator.comparingLong(Damage::first))
          .toList();
    }
  }

  private static long first(Path path) {
    return Long.parseLong(path.getFileName().toString().replaceFirst("\\D+", "").split("-", 2)[0]);
  }

  void deleteJournalFiles() throws IOException {
    for (Path path : journalFiles()) {
      Files.delete(path);
    }
  }

  void deleteCheckpoints() throws IOException {
    new SystemDisk().deleteTree(files.checkpoints());
  }

  void deleteJournalDirectory() throws IOException {
    new SystemDisk().deleteTree(journal());
  }

  /** The last entries' bytes become zeros, as if they had never been written. */
  void zeroTail(int bytes) throws IOException {
    int left = bytes;
    for (Path path : journalFiles().reversed()) {
      byte[] content = Files.readAllBytes(path);
      int end = content.length;
      while (end > 0 && content[end - 1] == 0) {
        end--;
      }
      int from = Math.max(8, end - left);
      Arrays.fill(content, Math.min(from, end), end, (byte) 0);
      Files.write(path, content);
      left -= Math.max(0, end - from);
      if (left <= 0) {
        return;
      }
    }
  }

  /** A flipped bit, a cut, zeros, or nothing left at all. */
  static String atRandom(Path path, Random random) throws IOException {
    byte[] bytes = Files.exists(path) ? Files.readAllBytes(path) : new byte[0];
    int kind = random.nextInt(4);
    if (kind == 3 || bytes.length == 0) {
      Files.deleteIfExists(path);
      return "deleted " + path.getFileName();
    }
    int position = random.nextInt(bytes.length);
    switch (kind) {
      case 0 -> bytes[position] ^= (byte) (1 << random.nextInt(8));
      case 1 -> bytes = Arrays.copyOf(bytes, position);
      default -> Arrays.fill(bytes, position, bytes.length, (byte) 0);
    }
    Files.write(path, bytes);
    return "kind " + kind + " at " + position + " of " + path.getFileName();
  }

  /** Puts a copy of a whole broker's directory somewhere, or back. */
  static void copy(Path from, Path to) throws IOException {
    new SystemDisk().deleteTree(to);
    try (var all = Files.walk(from)) {
      all.forEach(
          path -> {
            try {
              Path target = to.resolve(from.relativize(path).toString());
              Files.copy(path, target, StandardCopyOption.COPY_ATTRIBUTES);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }
}
