package io.ottla.broker.consume;

import io.ottla.broker.PartitionWaiters.Waiter;
import io.ottla.groups.GroupReply.MemberName;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The polls that wait for events, by member: the newest of each. Thread-safe. */
final class WaitingPolls {
  private final Map<MemberName, Waiter> waiting = new ConcurrentHashMap<>();

  /** The member's newest poll waits; an older one wakes, to find itself superseded. */
  void add(MemberName member, Waiter waiter) {
    Waiter older = waiting.put(member, waiter);
    if (older != null) {
      older.wake();
    }
  }

  void remove(MemberName member, Waiter waiter) {
    waiting.remove(member, waiter);
  }

  /** The member's partitions or its newest poll have changed. */
  void wake(MemberName member) {
    Waiter waiter = waiting.get(member);
    if (waiter != null) {
      waiter.wake();
    }
  }

  /** Whether a poll of that member waits, in whatever group. */
  boolean isWaiting(String memberId) {
    return waiting.keySet().stream().anyMatch(member -> member.memberId().equals(memberId));
  }

  void wakeAll() {
    waiting.values().forEach(Waiter::wake);
  }
}
