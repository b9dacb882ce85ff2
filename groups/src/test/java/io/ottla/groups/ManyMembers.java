package io.ottla.groups;

import java.lang.management.ManagementFactory;

/**
 * Measures what a thousand members cost that join one group, settle and leave: prints CPU time and
 * the bytes of the records. Run by hand, as no test times anything.
 */
final class ManyMembers {
  private static final int MEMBERS = 1_000;
  private static final int POLLS_PER_MEMBER = 4;
  private static final long TICK_MS = 250;

  private final World world = new World();
  private final long startNanos = cpuNanos();

  private ManyMembers(int partitions) {
    world.topic("liked", partitions);
  }

  /** Prints the cost for 100 and for 1,000 partitions, of silent members and of waiting ones. */
  public static void main(String[] arguments) {
    for (boolean waiting : new boolean[] {false, true, false, true}) {
      for (int partitions : new int[] {100, 1_000}) {
        System.out.println(waiting ? "members that wait for events" : "silent members");
        new ManyMembers(partitions).run(partitions, waiting);
      }
    }
  }

  private void run(int partitions, boolean waiting) {
    for (int i = 0; i < MEMBERS; i++) {
      var join = new GroupRequest.Join("g", "m" + i, World.to("liked"));
      world.granted(world.coordinator.join(join, world, world.nowMs));
      passTime();
      if (waiting) {
        handOver();
      }
    }
    report(partitions, "joined");
    for (int round = 0; round < POLLS_PER_MEMBER; round++) {
      for (int i = 0; i < MEMBERS; i++) {
        world.poll(World.polling("g", "m" + i), 1);
        passTime();
      }
    }
    report(partitions, "settled");
    for (int i = 0; i < MEMBERS; i++) {
      world.granted(world.coordinator.leave(new GroupRequest.Leave("g", "m" + i), world));
      passTime();
    }
    report(partitions, "left");
  }

  /** Whoever is to let go of something is woken and told, and lets go by its next poll. */
  private void handOver() {
    for (Member member : world.table.group("g").orElseThrow().members().values()) {
      if (member.owned().values().stream().anyMatch(Ownership::revoking)) {
        world.poll(World.polling("g", member.id()), 1);
        world.poll(World.polling("g", member.id()), 1);
      }
    }
  }

  /** A thousand requests take a second. */
  private void passTime() {
    world.nowMs++;
    if (world.nowMs % TICK_MS == 0) {
      world.granted(world.coordinator.tick(world, world.nowMs));
    }
  }

  private void report(int partitions, String what) {
    System.out.printf(
        "%d members, %d partitions, %s: %d ms of CPU, %d KB of records, generation %d%n",
        MEMBERS,
        partitions,
        what,
        (cpuNanos() - startNanos) / 1_000_000,
        world.recordBytes / 1024,
        world.table.group("g").map(Group::generation).orElse(0));
  }

  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
