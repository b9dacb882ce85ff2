package io.ottla.broker.identity;

import io.ottla.disk.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
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
 * Directories that stood in a broker's place and are not its current one. They are renamed, never
 * deleted because of that. Thread-safe.
 *
 * <pre>{@code
 * broker-2.set-aside-20261126T214501Z-older-copy    beside broker-2: when (UTC), and why
 * }</pre>
 *
 * <h2>How long they stay</h2>
 *
 * The newest {@value #KEPT} of each broker stay until somebody removes them. Of the others the
 * oldest goes first: after seven days, or earlier when those of this broker hold more than a
 * quarter of their disk. Nothing goes while the broker itself is not whole.
 */
final class SetAside {
  private static final Logger LOG = LoggerFactory.getLogger(SetAside.class);

  static final int KEPT = 3;
  private static final Duration YOUNG = Duration.ofDays(7);
  private static final int SHARE_OF_DISK = 4;

  private static final String MARK = ".set-aside-";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final Pattern NAME =
      Pattern.compile("broker-([1-9])\\.set-aside-([0-9]{8}T[0-9]{6}Z)-([a-z0-9-]+)");

  private final Disk disk;
  private final InstantSource clock;
  private final Map<Path, Long> sizes = new ConcurrentHashMap<>();

  SetAside(Disk disk, InstantSource clock) {
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
    String name = brokerDirectory.getFileName() + mark(clock, reason);
    Path aside = brokerDirectory.resolveSibling(name);
    for (int another = 2; disk.exists(aside); another++) {
      aside = brokerDirectory.resolveSibling(name + "-" + another);
    }
    disk.rename(brokerDirectory, aside);
    disk.forceDirectory(brokerDirectory.getParent());
    LOG.warn("directory set aside, nothing is deleted: path={} reason={}", aside, reason);
    return aside;
  }

  /** What such a name has behind the broker's. */
  static String mark(InstantSource clock, String reason) {
    return MARK + TIME.format(clock.instant()) + "-" + reason;
  }

  /** Those beside a broker's place, the oldest first. */
  List<SetAsideDirectory> of(Path brokerDirectory) throws IOException {
    List<SetAsideDirectory> found = new ArrayList<>();
    for (Path path : disk.list(brokerDirectory.getParent())) {
      parse(brokerDirectory, path).ifPresent(found::add);
    }
    found.sort(
        Comparator.comparing(SetAsideDirectory::since).thenComparing(SetAsideDirectory::path));
    return found;
  }

  private Optional<SetAsideDirectory> parse(Path brokerDirectory, Path path) throws IOException {
    Matcher name = NAME.matcher(path.getFileName().toString());
    if (!name.matches()
        || !brokerDirectory.getFileName().toString().equals("broker-" + name.group(1))) {
      return Optional.empty();
    }
    Instant since;
    try {
      since = TIME.parse(name.group(2), Instant::from);
    } catch (DateTimeParseException e) {
      return Optional.empty(); // somebody else's name: never touched
    }
    Long size = sizes.get(path);
    if (size == null) {
      size = sizeBytes(path);
      sizes.put(path, size); // nobody writes there
    }
    return Optional.of(new SetAsideDirectory(path, since, size, name.group(3)));
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
    List<SetAsideDirectory> all = of(brokerDirectory);
    long limitBytes = totalBytes(brokerDirectory) / SHARE_OF_DISK;
    long heldBytes = all.stream().mapToLong(SetAsideDirectory::sizeBytes).sum();
    for (SetAsideDirectory old : all.subList(0, Math.max(0, all.size() - KEPT))) {
      boolean young = old.since().plus(YOUNG).isAfter(clock.instant());
      if (!young || heldBytes > limitBytes) {
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
