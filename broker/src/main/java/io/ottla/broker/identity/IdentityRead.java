package io.ottla.broker.identity;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** What was found where an identity file should be. Immutable. */
sealed interface IdentityRead<T> {
  /** Where. */
  Path path();

  /** The value, if it is whole. */
  Optional<T> value();

  /**
   * It is whole.
   *
   * @param isCurrent whether this build wrote it: an older build's has no checksum and is written
   *     anew
   */
  record Whole<T>(Path path, T found, boolean isCurrent) implements IdentityRead<T> {
    @Override
    public Optional<T> value() {
      return Optional.of(found);
    }
  }

  /** There is no such file. */
  record Missing<T>(Path path) implements IdentityRead<T> {
    @Override
    public Optional<T> value() {
      return Optional.empty();
    }
  }

  /** It is there and cannot be believed. */
  record Damaged<T>(Path path, String reason) implements IdentityRead<T> {
    @Override
    public Optional<T> value() {
      return Optional.empty();
    }
  }

  /** Nobody knows whether it is there: it cannot be looked at. */
  record Unreadable<T>(Path path, IOException cause) implements IdentityRead<T> {
    @Override
    public Optional<T> value() {
      return Optional.empty();
    }
  }

  /** What is wrong with it, a clause; empty if it is whole or missing. */
  default Optional<String> damage() {
    return switch (this) {
      case Whole<T> whole -> Optional.empty();
      case Missing<T> missing -> Optional.empty();
      case Damaged<T>(Path path, String reason) -> Optional.of(reason);
      case Unreadable<T>(Path path, IOException cause) ->
          Optional.of("it cannot be read: " + cause);
    };
  }
}
