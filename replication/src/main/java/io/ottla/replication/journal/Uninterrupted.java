package io.ottla.replication.journal;

/**
 * Waits for what must have ended before anything goes on, whoever interrupts: file I/O perhaps,
 * which an interruption would break. Stateless.
 */
public final class Uninterrupted {
  private Uninterrupted() {}

  /**
   * Something to wait for; called again after an interruption.
   *
   * @param <E> how it can fail besides
   */
  @FunctionalInterface
  public interface Wait<E extends Exception> {
    void await() throws InterruptedException, E;
  }

  /**
   * Waits to the end. An interruption is not lost: the thread's flag is set again when this
   * returns.
   */
  public static <E extends Exception> void await(Wait<E> wait) throws E {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          wait.await();
          return;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
