package io.ottla.replication;

import io.ottla.replication.journal.JournalScan;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/** Every Ratis setting, in one place, with its reason. Stateless. */
final class RaftSettings {
  /**
   * The largest entry. One above it makes the leader step down, again at every retry: sizes are
   * checked before submitting.
   */
  static final int ENTRY_LIMIT_BYTES = JournalScan.ENTRY_LIMIT_BYTES;

  private RaftSettings() {}

  static RaftProperties properties(ReplicationSettings settings, Path raftDirectory) {
    RaftProperties properties = new RaftProperties();
    properties.set(RaftConfigKeys.Rpc.TYPE_KEY, InProcessRpcType.class.getName());
    setStorage(properties, raftDirectory);
    setJournal(properties, settings);
    setTimes(properties, settings);
    setThreads(properties);
    return properties;
  }

  /** Where the journals are: the default is a temporary directory. */
  static void setStorage(RaftProperties properties, Path raftDirectory) {
    RaftServerConfigKeys.setStorageDir(properties, List.<File>of(raftDirectory.toFile()));
  }

  private static void setJournal(RaftProperties properties, ReplicationSettings settings) {
    // With the default, a torn tail keeps the group from starting. JournalScan stands behind it.
    RaftServerConfigKeys.Log.setCorruptionPolicy(
        properties, RaftServerConfigKeys.Log.CorruptionPolicy.WARN_AND_RETURN);
    // Otherwise one dead follower stops purging for ever; what followers need is our decision.
    RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(properties, true);
    RaftServerConfigKeys.Log.setPurgeGap(properties, settings.purgeGapEntries());
    RaftServerConfigKeys.Log.setPurgePreservationLogNum(properties, 0);
    // Checkpoints have their own trigger: the built-in one only counts and never fires when quiet.
    RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(properties, false);
    RaftServerConfigKeys.Snapshot.setCreationGap(properties, 1);
    // Otherwise every commit appends and forces one more entry.
    RaftServerConfigKeys.Log.setLogMetadataEnabled(properties, false);
    // The default waits a millisecond before every append.
    RaftServerConfigKeys.Log.Appender.setWaitTimeMin(properties, TimeDuration.ZERO);
    RaftServerConfigKeys.Log.Appender.setBufferByteLimit(
        properties, SizeInBytes.valueOf(ENTRY_LIMIT_BYTES));
    // Direct memory of every replica; must hold one entry.
    RaftServerConfigKeys.Log.setWriteBufferSize(
        properties, SizeInBytes.valueOf(ENTRY_LIMIT_BYTES + 64 * 1024));
    RaftServerConfigKeys.Log.setSegmentSizeMax(
        properties, SizeInBytes.valueOf(settings.journalSegmentBytes()));
    RaftServerConfigKeys.Log.setPreallocatedSize(
        properties, SizeInBytes.valueOf(settings.journalPreallocateBytes()));
    // Heap: entries of at most this many closed files stay in memory.
    RaftServerConfigKeys.Log.setSegmentCacheNumMax(properties, 1);
    RaftServerConfigKeys.Log.setSegmentCacheSizeMax(properties, SizeInBytes.valueOf("32MB"));
    // Group commit: everything that waits shares one force.
    RaftServerConfigKeys.Log.setForceSyncNum(properties, 1024);
    // A full queue blocks under the replica's lock; the write limit refuses cleanly before it.
    RaftServerConfigKeys.Log.setQueueByteLimit(properties, SizeInBytes.valueOf("96MB"));
    RaftServerConfigKeys.Write.setByteLimit(properties, SizeInBytes.valueOf("48MB"));
    // Whoever appends to a full queue holds the journal's lock, for as long as its disk hangs. The
    // other brokers read that journal before each vote: they need not wait for it.
    RaftServerConfigKeys.Log.setReadLockEnabled(properties, false);
    // async-flush and unsafe-flush stay off for ever: they mark entries durable that are not.
    // One request per follower is in flight, so nothing has to be put in order: saves a hop.
    RaftServerConfigKeys.Log.setAppendEntriesComposeEnabled(properties, false);
    // Never installs: a replica behind the purge is rebuilt by us.
    RaftServerConfigKeys.Log.Appender.setInstallSnapshotEnabled(properties, false);
  }

  private static void setTimes(RaftProperties properties, ReplicationSettings settings) {
    RaftServerConfigKeys.Rpc.setTimeoutMin(properties, time(settings.electionTimeoutMin()));
    RaftServerConfigKeys.Rpc.setTimeoutMax(properties, time(settings.electionTimeoutMax()));
    RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(
        properties, time(settings.firstElectionTimeoutMin()));
    RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(
        properties, time(settings.firstElectionTimeoutMax()));
    RaftServerConfigKeys.Rpc.setRequestTimeout(properties, seconds(10));
    RaftServerConfigKeys.Rpc.setSlownessTimeout(properties, seconds(60));
    // How long a leader that stepped down may not stand.
    RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(properties, seconds(2));
    // Heap only: doubles are recognized by our own state, never by this cache.
    RaftServerConfigKeys.RetryCache.setExpiryTime(properties, seconds(5));
    // A process that was paused must not close its servers.
    RaftServerConfigKeys.setCloseThreshold(properties, TimeDuration.valueOf(365, TimeUnit.DAYS));
  }

  private static void setThreads(RaftProperties properties) {
    // Cached pools with small bounds: a broker holds few groups, and each hop is short.
    RaftServerConfigKeys.ThreadPool.setServerCached(properties, true);
    RaftServerConfigKeys.ThreadPool.setServerSize(properties, 4);
    RaftServerConfigKeys.ThreadPool.setClientCached(properties, true);
    RaftServerConfigKeys.ThreadPool.setClientSize(properties, 2);
    RaftServerConfigKeys.ThreadPool.setProxyCached(properties, true);
    RaftServerConfigKeys.ThreadPool.setProxySize(properties, 4);
  }

  private static TimeDuration time(Duration duration) {
    return TimeDuration.valueOf(duration.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static TimeDuration seconds(int seconds) {
    return TimeDuration.valueOf(seconds, TimeUnit.SECONDS);
  }
}
