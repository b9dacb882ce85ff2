package io.ottla.catalog;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files of a catalog on disk.
 *
 * <pre>{@code
 * catalog.db              SQLite; readable by its owner only, as SQLite then makes the next two
 * catalog.db-wal, -shm    SQLite's, while somebody has it open
 * catalog.db.damaged-<n>  what once stood there, with its -wal and -shm; the newest few
 * }</pre>
 *
 * It is looked at by name and attributes only: opening and closing it by other means than SQLite's
 * would drop the locks that SQLite holds.
 */
final class CatalogFile {
  /** How many damaged ones are kept for somebody to look at. */
  private static final int DAMAGED_KEPT = 2;

  private static final List<String> COMPANIONS = List.of("", "-wal", "-shm");

  private CatalogFile() {}

  static Path wal(Path file) {
    return file.resolveSibling(file.getFileName() + "-wal");
  }

  /** The file as SQLite reads names that may hold any character. */
  static String uri(Path file) {
    return file.toAbsolutePath().toUri().toString();
  }

  /** Whether something stands at the path that SQLite might open. */
  static boolean isReadable(Path file) {
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        && Files.isReadable(file)
        && Files.isWritable(file);
  }

  /**
   * Makes an empty file if nothing is there.
   *
   * @throws DamagedCatalogException when something else than a file is there
   */
  static void createIfMissing(Path file) throws IOException, DamagedCatalogException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      if (Files.getFileStore(file.toAbsolutePath().getParent())
          .supportsFileAttributeView("posix")) {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      } else {
        Files.createFile(file);
      }
    } else if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new DamagedCatalogException("it is not a file");
    }
  }

  /**
   * Equal for two looks at the same file, whatever it is called; different once it was replaced.
   */
  static Object identity(Path file) throws IOException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return "missing";
    }
    Object key =
        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).fileKey();
    return key == null ? "present" : key;
  }

  /** Its size; 0 if it is missing. */
  static long sizeBytes(Path file) throws IOException {
    return Files.exists(file) ? Files.size(file) : 0;
  }

  /**
   * Moves the file away, with all that belongs to it.
   *
   * @return where it is now
   */
  static Path setAside(Path file) throws IOException {
    List<Integer> earlier = damaged(file);
    int number = earlier.isEmpty() ? 1 : earlier.getLast() + 1;
    Path aside = asideOf(file, number);
    for (String companion : COMPANIONS) {
      Path from = file.resolveSibling(file.getFileName() + companion);
      if (Files.exists(from, LinkOption.NOFOLLOW_LINKS)) {
        Files.move(
            from,
            aside.resolveSibling(aside.getFileName() + companion),
            StandardCopyOption.ATOMIC_MOVE);
      }
    }
    for (int old : earlier.subList(0, Math.max(0, earlier.size() + 1 - DAMAGED_KEPT))) {
      for (String companion : COMPANIONS) {
        deleteIfPossible(
            asideOf(file, old).resolveSibling(asideOf(file, old).getFileName() + companion));
      }
    }
    return aside;
  }

  private static Path asideOf(Path file, int number) {
    return file.resolveSibling(file.getFileName() + ".damaged-" + number);
  }

  private static List<Integer> damaged(Path file) throws IOException {
    Pattern name =
        Pattern.compile(Pattern.quote(file.getFileName() + ".damaged-") + "([0-9]{1,8})");
    try (Stream<Path> siblings = Files.list(file.toAbsolutePath().getParent())) {
      return siblings
          .map(path -> name.matcher(path.getFileName().toString()))
          .filter(Matcher::matches)
          .map(matcher -> Integer.parseInt(matcher.group(1)))
          .sorted(Comparator.naturalOrder())
          .toList();
    }
  }

  /** Whoever put a full directory there may take it away himself. */
  private static void deleteIfPossible(Path path) throws IOException {
    try {
      Files.deleteIfExists(path);
    } catch (FileSystemException e) {
      if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        throw e;
      }
    }
  }
}
