package io.ottla.replication;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A group, seen from all brokers of this process: the replica that leads is remembered here when it
 * says so. Thread-safe.
 */
final class LedGroup implements ReplicationGroup {
  private static final Logger log = LoggerFactory.getLogger(LedGroup.class);

  private final int number;
  private final AtomicReference<Leader> leader = new AtomicReference<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  private record Leader(GroupReplica replica, Leadership leadership) {}

  LedGroup(int number) {
    this.number = number;
  }

  @Override
  public int number() {
    return number;
  }

  @Override
  public Optional<Leadership> leadership() {
    Leader now = leader.get();
    return now == null ? Optional.empty() : Optional.of(now.leadership());
  }

  @Override
  public CompletableFuture<Outcome> submit(long term, ByteBuffer payload) {
    Leader now = leader.get();
    if (now == null || now.leadership().term() != term) {
      return CompletableFuture.completedFuture(
          new Outcome.NotAppended("term " + term + " has no leader here"));
    }
    if (payload.remaining() > MAX_PAYLOAD_BYTES) {
      return CompletableFuture.completedFuture(
          new Outcome.NotAppended("payload of " + payload.remaining() + " bytes is too large"));
    }
    return now.replica().submit(term, payload);
  }

  @Override
  public void onLeadershipChange(Runnable listener) {
    listeners.add(listener);
  }

  /** The replica accepts entries in this term; an older leader's word counts no more. */
  void leads(GroupReplica replica, long term) {
    Leader next = new Leader(replica, new Leadership(replica.brokerId(), term));
    Leader before =
        leader.getAndUpdate(now -> now != null && now.leadership().term() > term ? now : next);
    if (before == null || before.leadership().term() <= term) {
      log.info("leader: group={} broker={} term={}", number, replica.brokerId(), term);
      tellListeners();
    }
  }

  /** The replica leads no more, or is gone. */
  void leadsNoMore(GroupReplica replica) {
    Leader before =
        leader.getAndUpdate(now -> now != null && now.replica() == replica ? null : now);
    if (before != null && before.replica() == replica) {
      log.info("no leader: group={} broker={}", number, replica.brokerId());
      tellListeners();
    }
  }

  /** On a thread of its own: Ratis says who leads while it holds its locks. */
  private void tellListeners() {
    Thread.startVirtualThread(this::callListeners);
  }

  private void callListeners() {
    for (Runnable listener : listeners) {
      try {
        listener.run();
      } catch (Throwable e) { // one must not keep the others from being told
        log.error("leadership listener failed: group={}", number, e);
      }
    }
  }
}
