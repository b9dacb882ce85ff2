package io.ottla.replication;

/**
 * One replica as it is now. Immutable.
 *
 * @param running whether it takes part; false while it is being rebuilt
 * @param appliedIndex the last entry that its state contains, -1 for none
 * @param commitIndex the last entry that it knows to be committed, -1 for none
 * @param term the newest term that it has seen
 * @param leaderReady whether it leads and accepts entries
 * @param sureOfWhatItShows whether it has heard from a leader since it started and has applied all
 *     that was committed then: before, it may show less than others have seen
 * @param stalled what of it stands still, as of a disk that hangs; empty while nothing does
 */
public record ReplicaStatus(
    boolean running,
    long appliedIndex,
    long commitIndex,
    long term,
    boolean leaderReady,
    boolean sureOfWhatItShows,
    String stalled) {
  static final ReplicaStatus ABSENT = new ReplicaStatus(false, -1, -1, 0, false, false, "");
}
