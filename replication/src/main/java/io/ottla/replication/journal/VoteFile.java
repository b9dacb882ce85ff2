package io.ottla.replication.journal;

import io.ottla.disk.Disk;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.Set;
import java.util.zip.CRC32C;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ratis' file {@code raft-meta}: the newest term and whom the replica voted for in it. It has no
 * checksum of its own; its sum stands in the broker's note. Stateless.
 *
 * <p>A replica must never vote twice in a term. One whose file is in doubt takes a term above all
 * that it can have voted in, with no vote.
 */
public final class VoteFile {
  private static final Logger log = LoggerFactory.getLogger(VoteFile.class);
  public static final String NAME = "raft-meta";
  private static final String CONFIGURATION = "raft-meta.conf";

  /** So far ahead of all that is known, a term is damage. */
  private static final long MOST_AHEAD = 1_000;

  private VoteFile() {}

  /**
   * What the file says.
   *
   * @param sum over all its bytes
   * @param term empty when Ratis could not read it
   */
  public record Read(long sum, OptionalLong term) {}

  /** Reads it; empty when there is no such file. */
  public static Optional<Read> read(Disk disk, Path journal) throws IOException {
    byte[] bytes;
    try {
      bytes = disk.readAll(journal.resolve(NAME));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    CRC32C checksum = new CRC32C();
    checksum.update(bytes);
    long sum = (long) bytes.length << Integer.SIZE | checksum.getValue();
    return Optional.of(new Read(sum, term(bytes)));
  }

  /** The term; empty when the file is missing or Ratis could not read it. */
  public static OptionalLong term(Disk disk, Path journal) throws IOException {
    return read(disk, journal).map(Read::term).orElse(OptionalLong.empty());
  }

  private static OptionalLong term(byte[] bytes) {
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(new String(bytes, StandardCharsets.UTF_8)));
      long term = Long.parseLong(properties.getProperty("term", "none"));
      return properties.getProperty("votedFor") == null || term < 0
          ? OptionalLong.empty()
          : OptionalLong.of(term);
    } catch (IOException | IllegalArgumentException e) {
      return OptionalLong.empty();
    }
  }

  /**
   * Makes sure that the replica will not vote twice in a term: a file that is in doubt is replaced
   * by one with a term above all others, and no vote.
   *
   * <p>A file that is newer than its note is not in doubt: notes follow votes within a moment, and
   * a process may end in between.
   *
   * @param note what was noted of the group
   * @param newestTerm the newest term that anybody here knows of, the journal included
   */
  public static void mend(Disk disk, Path journal, GroupNote note, long newestTerm)
      throws IOException {
    Optional<Read> found = read(disk, journal);
    long term = found.flatMap(read -> read.term().stream().boxed().findAny()).orElse(-1L);
    boolean newer = term > note.term() && term <= Math.max(newestTerm, note.term()) + MOST_AHEAD;
    boolean asNoted =
        found.isPresent()
            && (note.voteSum().isEmpty() || note.voteSum().getAsLong() == found.get().sum());
    if (term >= 0 && (newer || asNoted)) {
      return;
    }
    long plausible = term <= Math.max(newestTerm, note.term()) + MOST_AHEAD ? term : -1;
    long safe = Math.max(Math.max(newestTerm, note.term()), plausible) + 1;
    log.warn(
        "raft-meta is {}, mended: path={} term={} noted={} newTerm={}",
        found.isEmpty() ? "missing" : "damaged",
        journal.resolve(NAME),
        term,
        note.term(),
        safe);
    disk.createDirectories(journal);
    disk.writeDurably(
        journal.resolve(NAME), ("term=" + safe + "\nvotedFor=\n").getBytes(StandardCharsets.UTF_8));
    disk.forceDirectory(journal.getParent());
  }

  /**
   * Takes a configuration out that does not name exactly these members, as equals: it never
   * changes.
   *
   * @param lastIndex of the journal: the entry that it was in cannot be above
   */
  public static void mendConfiguration(Disk disk, Path journal, Set<String> members, long lastIndex)
      throws IOException {
    Path path = journal.resolve(CONFIGURATION);
    if (!disk.exists(path)) {
      return;
    }
    Set<String> named = new HashSet<>();
    try {
      LogEntryProto entry = LogEntryProto.parseFrom(disk.readAll(path));
      RaftConfigurationProto found = entry.getConfigurationEntry();
      boolean plain = found.getOldPeersCount() == 0 && found.getListenersCount() == 0;
      if (plain && entry.getIndex() <= lastIndex) {
        for (RaftPeerProto peer : found.getPeersList()) {
          named.add(peer.getPriority() == 0 ? peer.getId().toStringUtf8() : "");
        }
      }
    } catch (InvalidProtocolBufferException e) {
      named.clear();
    }
    if (!named.equals(members)) {
      Path aside = path.resolveSibling(CONFIGURATION + ".damaged");
      log.warn("raft-meta.conf is damaged, set aside: path={} to={}", path, aside);
      disk.rename(path, aside);
      disk.forceDirectory(journal);
    }
  }
}
