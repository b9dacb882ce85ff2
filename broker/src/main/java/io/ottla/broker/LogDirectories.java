package io.ottla.broker;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where clusters may live: callers name a relative directory, and it never leaves the data
 * directories. Immutable, thread-safe.
 *
 * <p>A log directory has 1 to 4 segments, each shaped like a cluster name; none of them may be a
 * symbolic link.
 */
public final class LogDirectories {
  /** The shape of a cluster's name and of each segment of its log directory. */
  public static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

  private static final int MAX_SEGMENTS = 4;

  private final List<Path> dataDirectories;

  /** Over the given data directories, at least one, absolute and normalised. */
  public LogDirectories(List<Path> dataDirectories) {
    if (dataDirectories.isEmpty()) {
      throw new IllegalArgumentException("at least one data directory is needed");
    }
    this.dataDirectories = List.copyOf(dataDirectories);
  }

  /** The data directories, in the order given. */
  public List<Path> dataDirectories() {
    return dataDirectories;
  }

  /**
   * Why {@code logDirectory} cannot be used, or empty if it can as far as its shape and the links
   * on its way go.
   */
  public Optional<Refusal> refusalOf(String logDirectory) {
    String[] segments = logDirectory.split("/", -1);
    if (segments.length > MAX_SEGMENTS) {
      return refuse("has more than " + MAX_SEGMENTS + " segments");
    }
    for (String segment : segments) {
      if (!NAME.matcher(segment).matches()) {
        return refuse(
            "must be 1 to 4 relative segments of the form [A-Za-z0-9][A-Za-z0-9._-]{0,99},"
                + " separated by \"/\"");
      }
    }
    for (Path dataDirectory : dataDirectories) {
      Path path = dataDirectory;
      for (String segment : segments) {
        path = path.resolve(segment);
        if (Files.isSymbolicLink(path)) {
          return refuse("leads through a symbolic link");
        }
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)
            && !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
          return refuse("leads through something that is not a directory");
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<Refusal> refuse(String reason) {
    return Optional.of(Refusal.invalid("log_directory", "log_directory " + reason));
  }

  /** Whether two log directories are equal or one lies within the other. */
  public static boolean overlap(String one, String other) {
    return (one + "/").startsWith(other + "/") || (other + "/").startsWith(one + "/");
  }

  /** The cluster's directory in every data directory. */
  public List<Path> clusterDirectories(String logDirectory) {
    return dataDirectories.stream().map(directory -> directory.resolve(logDirectory)).toList();
  }
}
