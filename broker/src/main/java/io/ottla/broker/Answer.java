package io.ottla.broker;

import java.util.function.Function;

/** What a use case answers: a value, or a refusal that the caller can meet. Immutable. */
public sealed interface Answer<T> {
  /** The use case did it. */
  record Ok<T>(T value) implements Answer<T> {}

  /** It did not; nothing but what the refusal says has happened. */
  record Refused<T>(Refusal refusal) implements Answer<T> {}

  /** An answer with a value. */
  static <T> Answer<T> ok(T value) {
    return new Ok<>(value);
  }

  /** A refusal without attributes. */
  static <T> Answer<T> refused(RefusalCode code, String detail) {
    return new Refused<>(Refusal.of(code, detail));
  }

  /** A refusal. */
  static <T> Answer<T> refused(Refusal refusal) {
    return new Refused<>(refusal);
  }

  /** Goes on with the value; a refusal stays what it is. */
  default <R> Answer<R> then(Function<? super T, Answer<R>> next) {
    return switch (this) {
      case Ok<T>(T value) -> next.apply(value);
      case Refused<T>(Refusal refusal) -> new Refused<>(refusal);
    };
  }
}
