package io.ottla.log;

/** PLACEHOLDER */
public final class OpenFiles {
  public OpenFiles(int maxOpen) {}
}
