package io.ottla.replication;

import io.ottla.disk.Disk;
import io.ottla.replication.journal.AckNotes;
import io.ottla.replication.journal.GroupNote;
import io.ottla.replication.journal.VoteFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.ratis.server.protocol.TermIndex;

/**
 * Lets copies that are complete take the places of all replicas of a group, while no server runs.
 * Each step may be done twice: power may go between any two. Immutable.
 *
 * <p>Once it has run, every member holds exactly what the chosen one held, and every note says so.
 *
 * @param term a term in which nobody has voted
 * @param endTerm the term of the last entry that all have then
 * @param endIndex its index
 */
public record SalvageSwap(long term, long endTerm, long endIndex, List<Member> members) {
  public SalvageSwap {
    members = List.copyOf(members);
  }

  /**
   * What happens to one member's files, all relative to its broker's directory. Immutable.
   *
   * @param arriving what takes its place
   * @param leaving what is set aside, if it is there
   */
  public record Member(int broker, List<String> arriving, List<String> leaving) {
    public Member {
      arriving = List.copyOf(arriving);
      leaving = List.copyOf(leaving);
    }

    static Member of(int broker, List<Path> arriving, List<Path> leaving) {
      return new Member(
          broker,
          arriving.stream().map(Path::toString).toList(),
          leaving.stream().map(Path::toString).toList());
    }
  }

  /**
   * Does it.
   *
   * @param directories of all members
   * @param aside where each member's files are put, in the same file system
   */
  public void run(
      Disk disk, GroupSpec spec, Map<Integer, Path> directories, Map<Integer, Path> aside)
      throws IOException {
    for (Member member : members) {
      swap(disk, spec, member, directories.get(member.broker()), aside.get(member.broker()));
    }
    for (Member member : members) {
      note(disk, spec, directories.get(member.broker()), member.broker());
    }
    for (Member member : members) {
      Path broker = directories.get(member.broker());
      disk.deleteTree(SalvageCopy.side(broker, spec).getParent());
      disk.forceDirectory(broker);
    }
  }

  private static void swap(Disk disk, GroupSpec spec, Member member, Path broker, Path aside)
      throws IOException {
    Path side = SalvageCopy.side(broker, spec);
    Set<String> names = new LinkedHashSet<>(member.leaving());
    names.addAll(member.arriving());
    for (String name : names) {
      Path place = broker.resolve(name);
      boolean arrives = member.arriving().contains(name);
      if (arrives && !disk.exists(side.resolve(name))) {
        continue; // it has arrived before
      }
      if (disk.exists(place)) {
        move(disk, place, aside.resolve(name), aside.getParent());
      }
      if (arrives) {
        move(disk, side.resolve(name), place, broker);
      }
    }
  }

  /** Durable when it returns, with all names from {@code above} on. */
  private static void move(Disk disk, Path from, Path to, Path above) throws IOException {
    disk.createDirectories(to.getParent());
    disk.rename(from, to);
    for (Path each = to.getParent(); each.startsWith(above); each = each.getParent()) {
      disk.forceDirectory(each);
    }
    disk.forceDirectory(from.getParent());
  }

  private void note(Disk disk, GroupSpec spec, Path broker, int id) throws IOException {
    TermIndex end = endIndex < 0 ? TermIndex.INITIAL_VALUE : TermIndex.valueOf(endTerm, endIndex);
    Map<Integer, TermIndex> ends = new HashMap<>();
    for (Member each : members) {
      ends.put(each.broker(), end);
    }
    VoteFile.Read vote =
        VoteFile.read(disk, new ReplicaFiles(broker, spec).journal())
            .orElseThrow(() -> new IOException("there is no vote in " + broker));
    GroupNote note = new GroupNote(end, end, term, OptionalLong.of(vote.sum()), ends);
    try (AckNotes notes = AckNotes.open(disk, broker, id)) {
      notes.change(spec.id(), _ -> note);
    }
  }
}
