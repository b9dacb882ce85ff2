package io.ottla.replication;

import io.ottla.disk.Disk;
import io.ottla.replication.RaftBroker.Config;
import io.ottla.replication.ReplicaJudge.Judgement;
import io.ottla.replication.journal.AckNotes;
import io.ottla.replication.journal.Envelope;
import io.ottla.replication.journal.VoteFile;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.IntFunction;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.thirdparty.com.google.protobuf.CodedInputStream;

/**
 * What the brokers of a cluster do at their start before Ratis opens anything: they publish their
 * notes, finish rebuilds, judge and mend their journals. And what the replicas then hold, read by
 * code of the tests' own. For one thread.
 */
public final class StartedReplicas {
  private static final byte[] MAGIC = "RaftLog1".getBytes(StandardCharsets.US_ASCII);

  private final Disk disk;
  private final ClusterNetwork network;
  private final IntFunction<Path> directoryOf;

  /**
   * A replica after its start.
   *
   * @param loss why it takes no part until it is rebuilt, if so
   * @param endTerm the term of the last entry that it has
   * @param endIndex its index
   * @param checkpoint the state that it goes on from
   * @param entries what it has behind that, in order, those of the engine left out
   * @param term the newest term that it knows, -1 if it knows none
   * @param votedFor in that term; empty if for nobody
   */
  public record Started(
      int broker,
      GroupSpec spec,
      Optional<String> loss,
      long endTerm,
      long endIndex,
      Optional<byte[]> checkpoint,
      List<Entry> entries,
      long term,
      String votedFor) {}

  /**
   * The brokers are not started yet.
   *
   * @param directoryOf where each lives on {@code disk}
   */
  public StartedReplicas(
      Disk disk, UUID clusterId, List<GroupSpec> specs, IntFunction<Path> directoryOf) {
    this.disk = disk;
    this.network = new ClusterNetwork(clusterId, specs);
    this.directoryOf = directoryOf;
  }

  /** Starts these brokers, all at once. */
  public List<Started> start(List<Integer> brokers) throws IOException {
    List<Started> started = new ArrayList<>();
    TreeMap<Integer, AckNotes> notes = new TreeMap<>();
    try {
      for (int broker : brokers) {
        notes.put(broker, AckNotes.open(disk, directoryOf.apply(broker), broker));
        publish(broker, notes.get(broker));
      }
      for (int broker : brokers) {
        for (GroupSpec spec : network.groupsOf(broker)) {
          started.add(start(broker, spec, notes.get(broker)));
        }
      }
    } finally {
      for (AckNotes each : notes.values()) {
        each.close();
      }
    }
    return started;
  }

  private void publish(int broker, AckNotes notes) throws IOException {
    new NoteKeeper(config(broker), notes, List.of()).publish();
  }

  private Config config(int broker) {
    return new Config(
        broker,
        directoryOf.apply(broker),
        network,
        disk,
        InstantSource.system(),
        ReplicationSettings.forTests(),
        true);
  }

  private Started start(int broker, GroupSpec spec, AckNotes notes) throws IOException {
    ReplicaFiles files = new ReplicaFiles(directoryOf.apply(broker), spec);
    new ReplicaRebuild(disk, files, at -> notes.rebuilt(spec.id(), at)).finish();
    Judgement judged = new ReplicaJudge(config(broker), notes).judge(spec);
    if (judged.loss().isEmpty()) {
      network.votes().judged(broker, spec.number(), judged.end(), judged.unsure());
    }
    long from = judged.newest().map(found -> found.index() + 1).orElse(0L);
    Properties vote = vote(files.journal());
    return new Started(
        broker,
        spec,
        judged.loss(),
        judged.end().getTerm(),
        judged.end().getIndex(),
        judged.newest().map(Checkpoint::stateBytes),
        judged.loss().isPresent() ? List.of() : entries(files.journal(), from, judged.end()),
        Long.parseLong(vote.getProperty("term", "-1")),
        vote.getProperty("votedFor", ""));
  }

  private Properties vote(Path journal) throws IOException {
    Properties vote = new Properties();
    Path path = journal.resolve(VoteFile.NAME);
    if (disk.exists(path)) {
      vote.load(new StringReader(new String(disk.readAll(path), StandardCharsets.UTF_8)));
    }
    return vote;
  }

  /** All entries from an index up to the end; fails if one is missing. */
  private List<Entry> entries(Path journal, long from, TermIndex end) throws IOException {
    Map<Long, LogEntryProto> found = new HashMap<>();
    List<Path> paths = new ArrayList<>(disk.list(journal));
    paths.removeIf(path -> !path.getFileName().toString().startsWith("log_"));
    paths.sort(Comparator.comparingLong(StartedReplicas::firstIndex));
    for (Path path : paths) {
      read(disk.readAll(path), found);
    }
    List<Entry> entries = new ArrayList<>();
    for (long index = from; index <= end.getIndex(); index++) {
      LogEntryProto entry = found.get(index);
      if (entry == null) {
        throw new AssertionError(journal + " lacks entry " + index + " of " + from + " to " + end);
      }
      if (entry.hasStateMachineLogEntry()) {
        Envelope envelope =
            Envelope.parse(entry.getStateMachineLogEntry().getLogData()).orElseThrow();
        entries.add(
            new Entry(
                index,
                entry.getTerm(),
                envelope.appendTimeMs(),
                envelope.payload().asReadOnlyByteBuffer()));
      }
    }
    return entries;
  }

  private static long firstIndex(Path path) {
    return Long.parseLong(path.getFileName().toString().replaceAll("^\\D+|\\D.*$", ""));
  }

  /** Reads on until something is no entry; the checksum is {@link ReplicaJudge}'s business. */
  private static void read(byte[] bytes, Map<Long, LogEntryProto> found) {
    int position = MAGIC.length;
    while (position < bytes.length && bytes[position] != 0) {
      try {
        CodedInputStreamAt in = new CodedInputStreamAt(bytes, position);
        LogEntryProto entry = LogEntryProto.parseFrom(in.next());
        found.put(entry.getIndex(), entry);
        position = in.end() + Integer.BYTES;
      } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
        return;
      }
    }
  }

  /** One message behind its length. */
  private static final class CodedInputStreamAt {
    private final byte[] bytes;
    private final int begin;
    private final int length;

    CodedInputStreamAt(byte[] bytes, int position) throws IOException {
      CodedInputStream in = CodedInputStream.newInstance(bytes, position, bytes.length - position);
      this.bytes = bytes;
      this.length = in.readRawVarint32();
      this.begin = position + in.getTotalBytesRead();
    }

    byte[] next() {
      return Arrays.copyOfRange(bytes, begin, end());
    }

    int end() {
      if (length <= 0 || begin + length > bytes.length) {
        throw new IllegalArgumentException("no entry");
      }
      return begin + length;
    }
  }
}
