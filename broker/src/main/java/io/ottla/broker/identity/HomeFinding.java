package io.ottla.broker.identity;

import java.io.IOException;
import java.nio.file.Path;

/** What was found in a broker's place. Immutable. */
sealed interface HomeFinding {
  /** The data directory that the place is in. */
  Path dataDirectory();

  /**
   * It is the broker's current directory.
   *
   * @param generation of its last start
   * @param isWhole whether both copies of its identity say so
   */
  record Own(Path dataDirectory, long generation, boolean isWhole) implements HomeFinding {}

  /** There is nothing, or nothing of a broker's. */
  record Nothing(Path dataDirectory) implements HomeFinding {}

  /**
   * There is data, and nothing says whose.
   *
   * @param fits whether its groups are those that this broker has
   * @param damage what is wrong with its identity files, or empty
   */
  record Unknown(Path dataDirectory, boolean fits, String damage) implements HomeFinding {}

  /** It cannot be looked at, or must not be where it is. */
  record Failed(Path dataDirectory, IOException cause) implements HomeFinding {}

  /**
   * It says itself that it is not this broker's current directory.
   *
   * @param reason of small letters, digits and hyphens
   */
  record Other(Path dataDirectory, String reason) implements HomeFinding {}
}
