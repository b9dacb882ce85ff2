package io.ottla.replication;

import java.time.Duration;

/**
 * What may differ between production and tests. {@link RaftSettings} holds what never differs.
 * Immutable.
 *
 * @param electionTimeoutMin a follower looks every so often whether it has heard from a leader
 *     since it looked last, and stands for election if not; this is the shortest such time
 * @param electionTimeoutMax the longest one: from a crash to an election it takes up to twice this;
 *     also how long a leader without a majority goes on
 * @param firstElectionTimeoutMin the same, for the first election after a start, when nobody can be
 *     leading yet
 * @param firstElectionTimeoutMax its upper bound
 * @param journalSegmentBytes a journal file is closed at this size; what is purged is whole files,
 *     and the entries of the open one and of one closed one stay in memory
 * @param journalPreallocateBytes how much of a journal file is filled with zeros ahead, so that a
 *     flush does not change the file's size; large steps write zeros to the disk that are soon
 *     replaced
 * @param checkpointEveryBytes a checkpoint is taken after this many journalled bytes: bounds the
 *     replay at start
 * @param checkpointEvery and after this long, if anything was applied: bounds it on quiet groups
 * @param purgeGapEntries the journal is purged when at least this many entries may go
 * @param keepForLaggingBytes a follower that lags keeps the others from purging until their journal
 *     has this size; then it will be rebuilt instead
 * @param keepForLaggingEntries and until it has this many entries, or fewer if the heap is small
 *     (see {@link #keptEntries}): the engine keeps something of each in memory
 * @param stalledAfter a journal, an apply or a chore that has stood still for so long is called
 *     stalled. The leader of a stalled journal or apply hands over, and its broker is failed if it
 *     leads still after twice that; a stalled chore is only told
 * @param balanceEvery how often it is checked whether the preferred broker can lead again
 */
public record ReplicationSettings(
    Duration electionTimeoutMin,
    Duration electionTimeoutMax,
    Duration firstElectionTimeoutMin,
    Duration firstElectionTimeoutMax,
    long journalSegmentBytes,
    long journalPreallocateBytes,
    long checkpointEveryBytes,
    Duration checkpointEvery,
    int purgeGapEntries,
    long keepForLaggingBytes,
    int keepForLaggingEntries,
    Duration stalledAfter,
    Duration balanceEvery) {
  private static final long MIB = 1024 * 1024;

  /** What the engine keeps of an unpurged entry: its key, its node, its record and its header. */
  private static final int ENTRY_HEAP_BYTES = 160;

  private static final int LEAST_KEPT_ENTRIES = 5_000;

  /** All brokers in one process. */
  public static ReplicationSettings production() {
    return new ReplicationSettings(
        Duration.ofMillis(700),
        Duration.ofMillis(1_300),
        Duration.ofMillis(100),
        Duration.ofMillis(300),
        8 * MIB,
        MIB / 2,
        64 * MIB,
        Duration.ofSeconds(30),
        256,
        512 * MIB,
        100_000,
        Duration.ofSeconds(10),
        Duration.ofMillis(100));
  }

  /** Small limits and short time-outs, so that everything happens within a second. */
  public static ReplicationSettings forTests() {
    return new ReplicationSettings(
        Duration.ofMillis(300),
        Duration.ofMillis(600),
        Duration.ofMillis(50),
        Duration.ofMillis(150),
        16 * 1024,
        4 * 1024,
        32 * 1024,
        Duration.ofMillis(500),
        1,
        128 * 1024,
        10_000,
        Duration.ofSeconds(10),
        Duration.ofMillis(50));
  }

  /**
   * How many entries of one replica may stay unpurged. All replicas of a cluster together get an
   * eighth of the heap for what the engine remembers of them, each at least a few thousand.
   *
   * @param replicas how many the cluster has in this process
   */
  int keptEntries(int replicas) {
    long share = Runtime.getRuntime().maxMemory() / 8 / ENTRY_HEAP_BYTES / Math.max(1, replicas);
    return (int) Math.min(keepForLaggingEntries, Math.max(LEAST_KEPT_ENTRIES, share));
  }
}
