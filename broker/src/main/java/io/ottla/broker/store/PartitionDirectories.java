package io.ottla.broker.store;

import io.ottla.disk.Disk;
import io.ottla.log.LogCheckpoint;
import java.io.IOException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The names below a broker's {@code topics/}, shared by the stores of its data groups, which apply
 * at their own pace: a topic that was deleted and made again may have its new partition created by
 * one group before another has dropped the old one. Thread-safe; holds no lock across I/O.
 *
 * <pre>{@code
 * topics/liked-0/                            a partition
 * topics/liked-0.<topic uuid>/               one whose name was still taken when it was created
 * topics/liked-0.<topic uuid>.deleted/       dropped; removed after a checkpoint without it
 * }</pre>
 *
 * A name is claimed in memory before its directory is made. Whose a directory is stands in its
 * {@link PartitionMetadata}, never in its name.
 *
 * <p>A directory whose metadata is missing or damaged may be any group's until all have restored.
 * It keeps its name until then: a new partition takes another one. What no group has adopted by
 * then is moved out by {@link #setAsideUnknown}; nothing of it is deleted here.
 */
public final class PartitionDirectories {
  static final String DELETED_SUFFIX = ".deleted";

  private static final Path TOPICS = Path.of("topics");
  private static final int MAX_NAME_BYTES = 255;

  /** Has the name of a directory that may be any group's. */
  private static final int UNKNOWN = -1;

  /** Has the name of one that is being set aside. */
  private static final int LEAVING = -2;

  private final Disk disk;
  private final Path brokerDirectory;

  /** Directory name → the data group that has it, or {@link #UNKNOWN} or {@link #LEAVING}. */
  private final Map<String, Integer> claims;

  /** A directory and whose it is. */
  record Owned(String name, PartitionMetadata metadata) {
    boolean isDeleted() {
      return name.endsWith(DELETED_SUFFIX);
    }
  }

  /** Moves directories out of a broker's own; durable when it returns. */
  @FunctionalInterface
  public interface Mover {
    /**
     * Does it.
     *
     * @param directories relative to the broker's directory, at least one
     * @throws IOException when one or more may be where they were
     */
    void move(List<Path> directories) throws IOException;
  }

  private PartitionDirectories(Disk disk, Path brokerDirectory, Map<String, Integer> claims) {
    this.disk = disk;
    this.brokerDirectory = brokerDirectory;
    this.claims = claims;
  }

  /**
   * Reads what is there. To be called once per start of a broker, before any of its stores.
   *
   * @throws IOException when something cannot be read: that is no proof that nothing is there
   */
  public static PartitionDirectories open(Disk disk, Path brokerDirectory) throws IOException {
    disk.createDirectories(brokerDirectory.resolve(TOPICS));
    disk.forceDirectory(brokerDirectory);
    PartitionDirectories directories =
        new PartitionDirectories(disk, brokerDirectory, new ConcurrentHashMap<>());
    for (Path path : disk.list(brokerDirectory.resolve(TOPICS))) {
      int group = PartitionMetadata.read(disk, path).map(PartitionMetadata::group).orElse(UNKNOWN);
      directories.claims.put(path.getFileName().toString(), group);
    }
    return directories;
  }

  /**
   * The data group of each directory, by its path relative to the broker's; touches nothing. Those
   * whose metadata is damaged are left out.
   */
  public static Map<Path, Integer> groups(Disk disk, Path brokerDirectory) throws IOException {
    Map<Path, Integer> groups = new HashMap<>();
    for (Owned each : scan(disk, brokerDirectory)) {
      groups.put(TOPICS.resolve(each.name()), each.metadata().group());
    }
    return groups;
  }

  private List<Owned> scan() throws IOException {
    return scan(disk, brokerDirectory);
  }

  private static List<Owned> scan(Disk disk, Path brokerDirectory) throws IOException {
    List<Owned> owned = new ArrayList<>();
    for (Path path : disk.list(brokerDirectory.resolve(TOPICS))) {
      String name = path.getFileName().toString();
      PartitionMetadata.read(disk, path).ifPresent(found -> owned.add(new Owned(name, found)));
    }
    return owned;
  }

  /** Looks anew at what a group has: a rebuild may have replaced it. */
  List<Owned> rescan(int group) throws IOException {
    List<Owned> found = owned(group);
    Set<String> names = new HashSet<>();
    for (Owned directory : found) {
      claims.put(directory.name(), group);
      names.add(directory.name());
    }
    // Each name is claimed throughout: no other group may take one in between.
    claims
        .entrySet()
        .removeIf(claim -> claim.getValue() == group && !names.contains(claim.getKey()));
    return found;
  }

  /** What a group has on disk. */
  List<Owned> owned(int group) throws IOException {
    List<Owned> found = new ArrayList<>();
    for (Owned directory : scan()) {
      if (directory.metadata().group() == group) {
        found.add(directory);
      }
    }
    return found;
  }

  /**
   * Claims a name for a partition: its plain one, or, while another has that, a longer one. Nothing
   * stands there.
   */
  String claim(PartitionMetadata metadata) throws IOException {
    String plain = plainName(metadata);
    return claimFree(plain, metadata.group()) ? plain : claimLong(metadata, "", this::claimFree);
  }

  /** Claims a name for a group, or says that it cannot have it. */
  private interface Claim {
    boolean tryFor(String name, int group) throws IOException;
  }

  private String claimLong(PartitionMetadata metadata, String suffix, Claim claim)
      throws IOException {
    String name = longName(metadata, suffix);
    String more = "." + metadata.incarnation();
    for (int number = 2; !claim.tryFor(name, metadata.group()); number++) {
      name = longName(metadata, more + suffix);
      more = "." + metadata.incarnation() + "." + number;
    }
    return name;
  }

  /**
   * Claims a place for a directory of another broker that is about to arrive: its name there or,
   * while this broker has another group's or an unknown directory of that name, one that only this
   * partition has. What the group itself has there is replaced.
   */
  Path claimToArrive(String name, PartitionMetadata metadata) throws IOException {
    return relativePath(
        claimFreeOrOwn(name, metadata.group())
            ? name
            : claimLong(metadata, "", this::claimFreeOrOwn));
  }

  private boolean claimFreeOrOwn(String name, int group) throws IOException {
    return claimFree(name, group) || Objects.equals(claims.get(name), group);
  }

  /**
   * False if somebody has the name, or if a directory that nobody is known to have stands there.
   */
  private boolean claimFree(String name, int group) throws IOException {
    if (claims.putIfAbsent(name, group) != null) {
      return false;
    }
    if (disk.exists(path(name))) {
      claims.replace(name, group, UNKNOWN);
      return false;
    }
    return true;
  }

  /**
   * A directory with one of the partition's names but without a readable owner, claimed for it: its
   * metadata was damaged. One that was moved aside is moved back. Of several, one that has all
   * segments comes first, then one whose name no other topic has.
   *
   * @param log what the partition's files must hold
   */
  Optional<String> adoptUnowned(PartitionMetadata metadata, LogCheckpoint log) throws IOException {
    List<String> whole = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (String name : namesOnDisk(metadata)) {
      if (disk.exists(path(name)) && PartitionMetadata.read(disk, path(name)).isEmpty()) {
        (log.isIn(disk, path(name)) ? whole : others).add(name);
      }
    }
    whole.addAll(others);
    for (String name : whole) {
      if (claims.replace(name, UNKNOWN, metadata.group())
          || claims.putIfAbsent(name, metadata.group()) == null) {
        return Optional.of(name.endsWith(DELETED_SUFFIX) ? moveBack(name, metadata) : name);
      }
    }
    return Optional.empty();
  }

  private static List<String> namesOnDisk(PartitionMetadata metadata) {
    return List.of(
        longName(metadata, "." + metadata.incarnation()),
        longName(metadata, ""),
        longName(metadata, "." + metadata.incarnation() + DELETED_SUFFIX),
        longName(metadata, DELETED_SUFFIX),
        plainName(metadata));
  }

  /**
   * Moves out what no group has adopted; once all groups of the broker have restored. What cannot
   * be moved stays, and keeps its name until the next start. Files that are no directories stay.
   */
  public void setAsideUnknown(Mover mover) throws IOException {
    List<String> leaving = new ArrayList<>();
    for (String name : List.copyOf(claims.keySet())) {
      if (isDirectory(path(name)) && claims.replace(name, UNKNOWN, LEAVING)) {
        leaving.add(name);
      }
    }
    if (leaving.isEmpty()) {
      return;
    }
    leaving.sort(Comparator.naturalOrder());
    try {
      mover.move(leaving.stream().map(this::relativePath).toList());
      leaving.forEach(claims::remove);
    } finally {
      leaving.forEach(name -> claims.replace(name, LEAVING, UNKNOWN));
    }
  }

  private boolean isDirectory(Path path) throws IOException {
    try {
      disk.list(path);
      return disk.exists(path);
    } catch (NotDirectoryException e) {
      return false;
    }
  }

  /** What a partition's directory may be called, what is its alone first. */
  static List<String> names(PartitionMetadata metadata) {
    return List.of(
        longName(metadata, "." + metadata.incarnation()),
        longName(metadata, ""),
        plainName(metadata));
  }

  /**
   * Moves a dropped partition's directory out of the way.
   *
   * @return its new name
   */
  String moveAside(String name, PartitionMetadata metadata) throws IOException {
    String aside = claimLong(metadata, DELETED_SUFFIX, this::claimFree);
    disk.rename(path(name), path(aside));
    claims.remove(name);
    return aside;
  }

  /**
   * Moves a directory back that {@link #moveAside} moved: the drop is undone by a restore.
   *
   * @return its new name
   */
  String moveBack(String aside, PartitionMetadata metadata) throws IOException {
    String name = claim(metadata);
    disk.rename(path(aside), path(name));
    claims.remove(aside);
    return name;
  }

  /** Removes a directory and all in it. */
  void remove(String name) throws IOException {
    disk.deleteTree(path(name));
    claims.remove(name);
  }

  Path path(String name) {
    return brokerDirectory.resolve(TOPICS).resolve(name);
  }

  /** The same, relative to the broker's directory. */
  Path relativePath(String name) {
    return TOPICS.resolve(name);
  }

  /** Makes the names durable. */
  void force() throws IOException {
    disk.forceDirectory(brokerDirectory.resolve(TOPICS));
  }

  private static String plainName(PartitionMetadata metadata) {
    return metadata.topicName() + "-" + metadata.partition();
  }

  /** A name that no other topic has; a long topic name is cut, as file names have a limit. */
  private static String longName(PartitionMetadata metadata, String suffix) {
    String tail = "-" + metadata.partition() + "." + metadata.topicId() + suffix;
    String topic = metadata.topicName();
    int room = MAX_NAME_BYTES - tail.length();
    return topic.substring(0, Math.min(topic.length(), room)) + tail;
  }
}
