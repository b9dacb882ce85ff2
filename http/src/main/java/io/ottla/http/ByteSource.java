package io.ottla.http;

/** Bytes that arrive. One owner at a time. */
@FunctionalInterface
interface ByteSource {
  /**
   * Reads what is there, at least one byte and at most {@code length}; waits for it.
   *
   * @return how many bytes were read; -1 at the end
   * @throws ProblemException if what arrives is not what was announced
   */
  int read(byte[] into, int from, int length) throws ProblemException;
}
