package io.ottla.replication;

/** Told when a broker must not go on, because its disk or its state failed. */
@FunctionalInterface
public interface FailureListener {
  /**
   * The broker is off the network already and being closed; only a new start may judge its files.
   * Called once, on a thread that must not be blocked.
   */
  void failed(int brokerId, String reason, Throwable cause);
}
