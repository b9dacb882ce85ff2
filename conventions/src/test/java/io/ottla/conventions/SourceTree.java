package io.ottla.conventions;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The files of this project that a person wrote: everything but what a build or a run leaves. */
final class SourceTree {
  private static final Set<String> NOT_OURS =
      Set.of("target", ".git", "ottla-data", ".idea", ".settings", ".vscode");

  private final Path root;
  private final List<Path> files;

  private SourceTree(Path root, List<Path> files) {
    this.root = root;
    this.files = files;
  }

  static SourceTree read() throws IOException {
    Path root = Path.of(System.getProperty("ottla.root", "..")).toRealPath();
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            return NOT_OURS.contains(directory.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (!NOT_OURS.contains(file.getFileName().toString())) {
              files.add(root.relativize(file));
            }
            return FileVisitResult.CONTINUE;
          }
        });
    files.sort(null);
    return new SourceTree(root, List.copyOf(files));
  }

  Path root() {
    return root;
  }

  /** Every file, relative to the root, sorted. */
  List<Path> files() {
    return files;
  }

  /** The Java sources of all modules. */
  List<Path> sources() {
    return files.stream()
        .filter(file -> slashed(file).contains("/src/") && file.toString().endsWith(".java"))
        .toList();
  }

  List<Path> mainSources() {
    return sources().stream().filter(file -> slashed(file).contains("/src/main/")).toList();
  }

  List<Path> testSources() {
    return sources().stream().filter(file -> slashed(file).contains("/src/test/")).toList();
  }

  /** The file's text, or nothing if it is not text. */
  Optional<String> text(Path file) {
    try {
      return Optional.of(Files.readString(root.resolve(file)));
    } catch (MalformedInputException notText) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean exists(String path) {
    return Files.exists(root.resolve(path));
  }

  /** Whether a path lies in a directory that only a build or a run makes. */
  static boolean isLeftByARun(Path path) {
    return NOT_OURS.contains(path.normalize().getName(0).toString());
  }

  /** A path with slashes, whatever the machine writes. */
  static String slashed(Path path) {
    return path.toString().replace('\\', '/');
  }
}
