package io.ottla.torture.damage;

/** A server has shown something wrong: waiting does not make that right. */
final class WrongException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  WrongException(String what) {
    super(what);
  }
}
