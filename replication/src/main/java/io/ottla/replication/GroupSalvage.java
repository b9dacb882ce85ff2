package io.ottla.replication;

import io.ottla.disk.Disk;
import io.ottla.replication.journal.GroupNote;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.ratis.server.protocol.TermIndex;

/**
 * What is left of a group that cannot elect a leader, while no server runs, and what would be given
 * up if one of its replicas became all of them. Looking touches nothing. Immutable.
 */
public final class GroupSalvage {
  private final Disk disk;
  private final GroupSpec spec;
  private final Map<Integer, Path> directories;
  private final Map<Integer, StoppedReplica> replicas = new TreeMap<>();
  private final Map<Integer, TermIndex> acked = new HashMap<>();
  private TermIndex committed = TermIndex.INITIAL_VALUE;
  private long newestTerm;

  private GroupSalvage(Disk disk, GroupSpec spec, Map<Integer, Path> directories) {
    this.disk = disk;
    this.spec = spec;
    this.directories = Map.copyOf(directories);
  }

  /**
   * Looks at all replicas of a group.
   *
   * @param directories of the members that have one
   */
  public static GroupSalvage look(Disk disk, GroupSpec spec, Map<Integer, Path> directories)
      throws IOException {
    GroupSalvage salvage = new GroupSalvage(disk, spec, directories);
    for (Map.Entry<Integer, Path> each : directories.entrySet()) {
      salvage.add(StoppedReplica.look(disk, each.getKey(), each.getValue(), spec));
    }
    return salvage;
  }

  private void add(StoppedReplica replica) {
    replicas.put(replica.broker(), replica);
    newestTerm = Math.max(newestTerm, replica.term());
    replica.note().ifPresent(note -> learn(replica.broker(), note));
  }

  private void learn(int broker, GroupNote note) {
    acked.merge(broker, note.end(), GroupNote::later);
    note.members().forEach((member, end) -> acked.merge(member, end, GroupNote::later));
    committed = GroupNote.later(committed, note.committed());
    newestTerm = Math.max(newestTerm, Math.max(note.term(), committed.getTerm()));
    acked.values().forEach(end -> newestTerm = Math.max(newestTerm, end.getTerm()));
  }

  private TermIndex acked(int member) {
    return acked.getOrDefault(member, TermIndex.INITIAL_VALUE);
  }

  private Optional<String> loss(StoppedReplica replica) {
    return replica.loss(acked(replica.broker()), spec.memberBrokerIds().size() == 1);
  }

  /** Lines for a person: what each member has, and what it is known to have acked. */
  public List<String> report() {
    List<String> lines = new ArrayList<>();
    for (int member : spec.memberBrokerIds()) {
      StoppedReplica replica = replicas.get(member);
      String what =
          replica == null
              ? "has no directory"
              : "checkpoint: "
                  + StoppedReplica.text(
                      replica.checkpoint().map(Checkpoint::place).orElse(TermIndex.INITIAL_VALUE))
                  + "; whole up to: "
                  + StoppedReplica.text(replica.end())
                  + replica.unfinished().or(() -> loss(replica)).map(why -> "; " + why).orElse("");
      lines.add(
          "  broker %d: %s; noted as acked: %s"
              .formatted(member, what, StoppedReplica.text(acked(member))));
    }
    lines.add("  noted as committed: " + StoppedReplica.text(committed));
    return lines;
  }

  /** Why this member's replica cannot become all of them; empty if it can. */
  public Optional<String> objection(int from) {
    StoppedReplica chosen = replicas.get(from);
    if (chosen == null) {
      return Optional.of("broker " + from + " has no directory with a replica of this group");
    }
    for (StoppedReplica each : replicas.values()) {
      if (each.unfinished().isPresent()) {
        return Optional.of(
            "broker "
                + each.broker()
                + ": "
                + each.unfinished().get()
                + "; start the server once, which goes on with that, and look again");
      }
    }
    if (canElect()) {
      return Optional.of(
          "enough replicas have all that they acked: the next start elects a leader and rebuilds"
              + " the others, and nothing has to be given up");
    }
    if (chosen.onlyDamaged()) {
      return Optional.of("no checkpoint of broker " + from + " is whole");
    }
    return chosen.holdsNothing()
        ? Optional.of("broker " + from + " holds nothing of this group")
        : Optional.empty();
  }

  /** Whether the next start would find a leader by itself, as far as the files tell. */
  public boolean canElect() {
    List<StoppedReplica> whole =
        replicas.values().stream().filter(each -> loss(each).isEmpty()).toList();
    boolean allHere = replicas.size() == spec.memberBrokerIds().size();
    boolean sure = allHere || whole.stream().allMatch(each -> each.note().isPresent());
    return sure
        && whole.size() * 2 > spec.memberBrokerIds().size()
        && whole.stream().anyMatch(each -> each.end().compareTo(committed) >= 0);
  }

  /** Lines for a person: what is gone for good once this member's replica is all of them. */
  public List<String> givenUp(int from) {
    TermIndex end = replicas.get(from).end();
    List<String> lines = new ArrayList<>();
    lines.add(
        "Every member gets what broker %d holds up to %s."
            .formatted(from, StoppedReplica.text(end)));
    TermIndex highest = highestKnown();
    long entries = highest.getIndex() - end.getIndex();
    if (entries > 0) {
      lines.add(
          "GIVEN UP: entries %d to %d, %d of them, which may hold acked events."
              .formatted(end.getIndex() + 1, highest.getIndex(), entries));
    } else if (highest.compareTo(end) > 0) {
      lines.add("GIVEN UP: what was acked in term " + highest.getTerm() + ", as far as it went.");
    } else {
      lines.add("Nothing beyond it is known to be acked.");
    }
    lines.add("Notes may be 100 ms older than the last ack: that much more may be given up.");
    for (StoppedReplica other : replicas.values()) {
      if (other.end().compareTo(end) > 0 && !other.onlyDamaged() && !other.holdsNothing()) {
        lines.add(
            "Broker %d holds more: it is whole up to %s."
                .formatted(other.broker(), StoppedReplica.text(other.end())));
      }
    }
    return lines;
  }

  private TermIndex highestKnown() {
    TermIndex highest = committed;
    for (TermIndex each : acked.values()) {
      highest = GroupNote.later(highest, each);
    }
    for (StoppedReplica each : replicas.values()) {
      highest = GroupNote.later(highest, each.end());
    }
    return highest;
  }

  /** The directories that come with a member's replica, relative to its broker's. */
  public Collection<Path> arriving(int from) {
    return replicas.get(from).checkpoint().map(ReplicaRebuild::topDirectories).orElse(List.of());
  }

  /**
   * Copies this member's replica beside all of them. Nothing that counts is touched; what was left
   * beside them before goes.
   *
   * @param owned which directories are the group's own now, by member, relative to its broker's
   * @return what {@link SalvageSwap#run} needs
   */
  public SalvageSwap prepare(int from, Map<Integer, List<Path>> owned) throws IOException {
    StoppedReplica chosen = replicas.get(from);
    List<SalvageSwap.Member> members = new ArrayList<>();
    for (int member : spec.memberBrokerIds()) {
      SalvageCopy copy = new SalvageCopy(disk, spec, directories.get(member));
      List<Path> arriving =
          member == from
              ? copy.make(chosen, newestTerm + 1, Optional.empty())
              : copy.make(chosen, newestTerm + 1, Optional.of(directories.get(from)));
      members.add(
          SalvageSwap.Member.of(
              member, arriving, copy.leaving(member == from ? List.of() : owned.get(member))));
    }
    return new SalvageSwap(
        newestTerm + 1, chosen.end().getTerm(), chosen.end().getIndex(), members);
  }
}
