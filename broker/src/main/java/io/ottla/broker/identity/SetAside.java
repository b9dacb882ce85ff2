package io.ottla.broker.identity;

import io.ottla.broker.time.GuardedClock;
import io.ottla.disk.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Directories that stood in a broker's place and are not its current one, and what stood in that
 * one and is nobody's. They are renamed, never deleted because of that. Thread-safe.
 *
 * <pre>{@code
 * broker-2.set-aside-0007-20261126T214501Z-older-copy    beside broker-2: number, when (UTC), why
 * broker-2.set-aside-20261126T214501Z-older-copy         an older build's
 * }</pre>
 *
 * Each gets a higher number than all that are there, so numbers tell which is newer. The time is
 * the cluster's guarded one.
 *
 * <h2>How long they stay</h2>
 *
 * The newest {@value #KEPT} of each broker stay until somebody removes them. Of the others the
 * oldest goes first: after seven days, or earlier when those of this broker hold more than a
 * quarter of their disk. Nothing goes while the broker itself is not whole. Those without a number
 * stay until somebody removes them: their time is a wall clock's, which tells neither order nor
 * age.
 */
final class SetAside {
  private static final Logger LOG = LoggerFactory.getLogger(SetAside.class);

  static final int KEPT = 3;
  private static final long YOUNG_MS = Duration.ofDays(7).toMillis();
  private static final int SHARE_OF_DISK = 4;

  private static final String MARK = ".set-aside-";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final Pattern NAME =
      Pattern.compile(
          "broker-([1-9])\\.set-aside-(?:([0-9]{4,9})-)?([0-9]{8}T[0-9]{6}Z)-([a-z0-9-]+)");

  private final Disk disk;
  private final GuardedClock clock;
  private final Map<Path, Long> sizes = new ConcurrentHashMap<>();

  /** One with the number that it was given; 0 is an older build's, which gave none. */
  private record Numbered(int number, SetAsideDirectory directory) {}

  SetAside(Disk disk, GuardedClock clock) {
    this.disk = disk;
    this.clock = clock;
  }

  /**
   * Gives a directory such a name; durable when this returns.
   *
   * @param reason of small letters, digits and hyphens
   * @return where it is now
   */
  Path move(Path brokerDirectory, String reason) throws IOException {
    String mark = mark(List.of(brokerDirectory), reason);
    Path aside = brokerDirectory.resolveSibling(brokerDirectory.getFileName() + mark);
    disk.rename(brokerDirectory, aside);
    disk.forceDirectory(brokerDirectory.getParent());
    LOG.warn("directory set aside, nothing is deleted: path={} reason={}", aside, reason);
    return aside;
  }

  /**
   * Moves parts of a broker's directory, which goes on, into a new one that is set aside; durable
   * when this returns. After a power cut each part is in one of the two.
   *
   * @param parts relative to the broker's directory, at least one
   * @param reason of small letters, digits and hyphens
   */
  void moveParts(Path brokerDirectory, List<Path> parts, String reason) throws IOException {
    Path aside =
        brokerDirectory.resolveSibling(
            brokerDirectory.getFileName() + mark(List.of(brokerDirectory), reason));
    try {
      for (Path part : parts) {
        Path target = aside.resolve(part);
        disk.createDirectories(target.getParent());
        disk.forceDirectory(aside);
        disk.forceDirectory(aside.getParent());
        disk.rename(brokerDirectory.resolve(part), target);
        disk.forceDirectory(target.getParent());
        disk.forceDirectory(brokerDirectory.resolve(part).getParent());
        LOG.warn("directory set aside, nothing is deleted: path={} reason={}", target, reason);
      }
    } finally {
      sizes.remove(aside); // it may have been looked at meanwhile
    }
  }

  /** What a new such name has behind the broker's; the same for all of these brokers. */
  String mark(Collection<Path> brokerDirectories, String reason) throws IOException {
    int highest = 0;
    for (Path each : brokerDirectories) {
      for (Path path : disk.list(each.getParent())) {
        Optional<Matcher> name = match(each, path);
        if (name.isPresent()) {
          highest = Math.max(highest, number(name.get()));
        }
      }
    }
    return MARK + "%04d-%s-%s".formatted(highest + 1, TIME.format(clock.instant()), reason);
  }

  /** Those beside a broker's place, the oldest first. */
  List<SetAsideDirectory> of(Path brokerDirectory) throws IOException {
    return numbered(brokerDirectory).stream().map(Numbered::directory).toList();
  }

  private List<Numbered> numbered(Path brokerDirectory) throws IOException {
    List<Numbered> found = new ArrayList<>();
    for (Path path : disk.list(brokerDirectory.getParent())) {
      Optional<Matcher> name = match(brokerDirectory, path);
      if (name.isPresent()) {
        parse(path, name.get()).ifPresent(found::add);
      }
    }
    found.sort(
        Comparator.comparingInt(Numbered::number)
            .thenComparing(each -> each.directory().since())
            .thenComparing(each -> each.directory().path()));
    return found;
  }

  private static Optional<Matcher> match(Path brokerDirectory, Path path) {
    Matcher name = NAME.matcher(path.getFileName().toString());
    return name.matches()
            && brokerDirectory.getFileName().toString().equals("broker-" + name.group(1))
        ? Optional.of(name)
        : Optional.empty();
  }

  private static int number(Matcher name) {
    return name.group(2) == null ? 0 : Integer.parseInt(name.group(2));
  }

  private Optional<Numbered> parse(Path path, Matcher name) throws IOException {
    Instant since;
    try {
      since = TIME.parse(name.group(3), Instant::from);
    } catch (DateTimeParseException e) {
      return Optional.empty(); // somebody else's name: never touched
    }
    Long size = sizes.get(path);
    if (size == null) {
      size = sizeBytes(path);
      sizes.put(path, size); // nobody writes there
    }
    return Optional.of(
        new Numbered(number(name), new SetAsideDirectory(path, since, size, name.group(4))));
  }

  private long sizeBytes(Path path) throws IOException {
    if (Files.isSymbolicLink(path)) {
      return 0;
    }
    List<Path> children;
    try {
      children = disk.list(path);
    } catch (NotDirectoryException e) {
      return disk.sizeBytes(path);
    }
    long sum = 0;
    for (Path child : children) {
      sum += sizeBytes(child);
    }
    return sum;
  }

  /** Removes what is beyond the limit; only called while the broker's own directory is whole. */
  void prune(Path brokerDirectory) throws IOException {
    List<Numbered> all = numbered(brokerDirectory);
    long limitBytes = totalBytes(brokerDirectory) / SHARE_OF_DISK;
    long heldBytes = all.stream().mapToLong(each -> each.directory().sizeBytes()).sum();
    List<SetAsideDirectory> inOrder =
        all.stream().filter(each -> each.number() > 0).map(Numbered::directory).toList();
    for (SetAsideDirectory old : inOrder.subList(0, Math.max(0, inOrder.size() - KEPT))) {
      if (clock.ageMs(old.since().toEpochMilli()) > YOUNG_MS || heldBytes > limitBytes) {
        LOG.warn(
            "directory that was set aside is removed, newer ones stay: path={} sizeBytes={}",
            old.path(),
            old.sizeBytes());
        disk.deleteTree(old.path());
        heldBytes -= old.sizeBytes();
        sizes.remove(old.path());
      }
    }
  }

  private long totalBytes(Path path) {
    try {
      return disk.space(path.getParent()).totalBytes();
    } catch (IOException e) {
      return Long.MAX_VALUE; // a disk that does not say has no limit but the number
    }
  }
}
