package io.ottla.broker.consume;

import io.ottla.broker.Answer;
import io.ottla.broker.PartitionWaiters.PartitionId;
import io.ottla.broker.PartitionWaiters.Waiter;
import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.ServingCluster;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Asks again while the answer is that somebody has no leader: then nothing was done, and one comes
 * within a second or two. Stateless.
 */
final class LeaderWait {
  /** Longer than an election takes, shorter than clients wait for an answer. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** A change of leadership wakes it sooner; a coordinator that settles does not. */
  private static final Duration LOOK_EVERY = Duration.ofMillis(20);

  /** There is no such partition: its waiters are woken by changes of leadership only. */
  private static final PartitionId NOBODY = new PartitionId(new UUID(0, 0), 0);

  private LeaderWait() {}

  /** The first answer that is not {@code NO_LEADER}, or the last one when patience is over. */
  static <T> Answer<T> in(ServingCluster cluster, Supplier<Answer<T>> ask) {
    Answer<T> answer = ask.get();
    if (!hasNoLeader(answer)) {
      return answer;
    }
    long startNanos = System.nanoTime();
    try (Waiter waiter = cluster.waiters().register(List.of(NOBODY))) {
      answer = ask.get();
      while (hasNoLeader(answer) && System.nanoTime() - startNanos < PATIENCE.toNanos()) {
        waiter.await(LOOK_EVERY.toNanos());
        answer = ask.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return answer;
  }

  private static boolean hasNoLeader(Answer<?> answer) {
    return answer instanceof Answer.Refused<?>(Refusal refusal)
        && refusal.code() == RefusalCode.NO_LEADER;
  }
}
