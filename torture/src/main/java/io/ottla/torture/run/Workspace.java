package io.ottla.torture.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A directory of a run's own, removed at its end unless it is to be kept. One owner.
 *
 * @param keep whether it stays
 */
public record Workspace(Path directory, boolean keep) implements AutoCloseable {
  /** A new one below {@code parent}, which is made if it is not there. */
  public static Workspace create(Path parent, boolean keep) throws IOException {
    Path made = Files.createDirectories(parent.toAbsolutePath().normalize());
    return new Workspace(Files.createTempDirectory(made, "torture-"), keep);
  }

  public Path resolve(String name) {
    return directory.resolve(name);
  }

  @Override
  public void close() {
    if (keep) {
      System.out.println("kept: " + directory);
      return;
    }
    try {
      Trees.delete(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
