package io.ottla.client;

/**
 * Is told how the sending of a record ended. Runs on the producer's own thread: it must be quick.
 */
@FunctionalInterface
public interface Callback {
  /**
   * The record was appended, or was given up.
   *
   * @param metadata where it was appended; null if it was given up
   * @param failure why it was given up, with its code and whether it may be in the log all the
   *     same; null if it was appended
   */
  void onCompletion(RecordMetadata metadata, OttlaException failure);
}
