package io.ottla.torture.damage;

import io.ottla.torture.run.Trees;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.SplittableRandom;

/** One way to damage a file or a directory. */
enum Damage {
  FLIP_HEAD,
  FLIP_MIDDLE,
  FLIP_TAIL,
  CUT,
  CUT_TO_NOTHING,
  ZERO_RANGE,
  ZERO_TAIL,
  DELETE,
  OLD_COPY;

  private static final int NEAR = 64;

  /** Whether it can be done to a directory as a whole. */
  boolean fitsDirectories() {
    return this == DELETE || this == OLD_COPY;
  }

  /**
   * Does it.
   *
   * @param old the same file or directory as it was earlier; may be missing
   * @return what was done, with its position; empty if it would change nothing
   */
  Optional<String> apply(Path path, Path old, SplittableRandom random) throws IOException {
    return switch (this) {
      case FLIP_HEAD -> flip(path, 0, NEAR, random);
      case FLIP_MIDDLE -> flip(path, Files.size(path) / 4, Files.size(path) * 3 / 4, random);
      case FLIP_TAIL -> flip(path, lastUsed(path) - NEAR, lastUsed(path), random);
      case CUT -> cut(path, random);
      case CUT_TO_NOTHING -> Files.size(path) == 0 ? Optional.empty() : cutTo(path, 0);
      case ZERO_RANGE -> zeroRange(path, random);
      case ZERO_TAIL -> {
        long used = lastUsed(path);
        yield used == 0
            ? Optional.empty()
            : zero(path, Math.max(0, used - length(used, random)), used);
      }
      case DELETE -> {
        Trees.delete(path);
        yield Optional.of("deleted");
      }
      case OLD_COPY -> putBack(path, old);
    };
  }

  private static Optional<String> flip(Path path, long from, long to, SplittableRandom random)
      throws IOException {
    long size = Files.size(path);
    long first = Math.max(0, Math.min(from, size - 1));
    long behind = Math.max(first + 1, Math.min(to, size));
    if (size == 0) {
      return Optional.empty();
    }
    long at = random.nextLong(first, behind);
    int bit = random.nextInt(8);
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.seek(at);
      int value = file.read();
      file.seek(at);
      file.write(value ^ (1 << bit));
    }
    return Optional.of("bit " + bit + " of byte " + at + " of " + size);
  }

  private static Optional<String> cut(Path path, SplittableRandom random) throws IOException {
    long used = lastUsed(path);
    return used < 2 ? Optional.empty() : cutTo(path, used - length(used - 1, random));
  }

  private static Optional<String> cutTo(Path path, long size) throws IOException {
    long before = Files.size(path);
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(size);
    }
    return Optional.of("cut from " + before + " to " + size);
  }

  private static Optional<String> zeroRange(Path path, SplittableRandom random) throws IOException {
    long used = lastUsed(path);
    if (used == 0) {
      return Optional.empty();
    }
    long length = length(used, random);
    long from = random.nextLong(used - length + 1);
    return zero(path, from, from + length);
  }

  private static Optional<String> zero(Path path, long from, long to) throws IOException {
    byte[] before = new byte[(int) (to - from)];
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.seek(from);
      file.readFully(before);
      file.seek(from);
      file.write(new byte[before.length]);
    }
    for (byte one : before) {
      if (one != 0) {
        return Optional.of("zeros from " + from + " to " + to);
      }
    }
    return Optional.empty();
  }

  /** Mostly short, sometimes all of it. */
  private static long length(long most, SplittableRandom random) {
    long length = random.nextInt(4) == 0 ? most : 1 + random.nextInt(3_000);
    return Math.max(1, Math.min(length, most));
  }

  /** Behind the last byte that is not zero: files are filled with zeros ahead. */
  private static long lastUsed(Path path) throws IOException {
    byte[] bytes = Files.readAllBytes(path);
    int used = bytes.length;
    while (used > 0 && bytes[used - 1] == 0) {
      used--;
    }
    return used;
  }

  private static Optional<String> putBack(Path path, Path old) throws IOException {
    if (!Files.exists(old)) {
      return Optional.empty();
    }
    if (Files.isDirectory(old)) {
      Trees.delete(path);
      Trees.copy(old, path);
      return Optional.of("an old copy of the directory");
    }
    if (Files.mismatch(old, path) < 0) {
      return Optional.empty();
    }
    Files.copy(old, path, StandardCopyOption.REPLACE_EXISTING);
    return Optional.of("an old copy of the file");
  }
}
