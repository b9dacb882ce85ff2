package io.ottla.torture.damage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds what can be damaged in a data directory, by the files' names. A file whose name says
 * nothing to it is a target too, under that name: a file that is new is attacked from its first
 * day.
 */
final class DamageTargets {
  private static final Pattern GROUP_FILE = Pattern.compile("raft/([^/]+)/(.*/)?([^/]+)");
  private static final Pattern CHECKPOINT = Pattern.compile("checkpoints/([^/]+)/[^/]+");
  private static final Pattern PARTITION_FILE = Pattern.compile("topics/([^/]+)/([^/]+)");

  private final Path data;
  private final String cluster;

  DamageTargets(Path data, String cluster) {
    this.data = data;
    this.cluster = cluster;
  }

  /** What one process and one cluster have once only. */
  List<DamageTarget> ofTheProcess() {
    List<DamageTarget> targets = new ArrayList<>();
    for (String name : List.of("deployment.json", cluster + "/cluster.json")) {
      if (Files.exists(data.resolve(name))) {
        Path path = Path.of(name);
        String kind = path.getFileName().toString();
        targets.add(new DamageTarget(kind, DamageTarget.PROCESS, path, false));
      }
    }
    return targets;
  }

  /** Everything of one broker. */
  List<DamageTarget> ofBroker(int number) throws IOException {
    Path broker = Path.of(cluster, "broker-" + number);
    List<DamageTarget> targets = new ArrayList<>();
    targets.add(new DamageTarget("broker directory", DamageTarget.BROKER, broker, true));
    Path root = data.resolve(broker);
    try (var paths = Files.walk(root)) {
      for (Path path : paths.sorted().toList()) {
        String name = root.relativize(path).toString().replace('\\', '/');
        if (!name.isEmpty()) {
          target(path, name).ifPresent(targets::add);
        }
      }
    }
    return targets;
  }

  private Optional<DamageTarget> target(Path path, String name) throws IOException {
    Path relative = data.relativize(path);
    if (Files.isDirectory(path)) {
      return directoryKind(name).map(kind -> new DamageTarget(kind, scope(name), relative, true));
    }
    return Optional.of(new DamageTarget(fileKind(path, name), scope(name), relative, false));
  }

  private static Optional<String> directoryKind(String name) {
    if (name.matches("raft/[^/]+")) {
      return Optional.of("journal directory");
    }
    if (name.matches("checkpoints/[^/]+")) {
      return Optional.of("checkpoints directory");
    }
    return name.matches("topics/[^/]+") ? Optional.of("partition directory") : Optional.empty();
  }

  /** A group's journal and its checkpoints are one scope only if their names are: they are two. */
  private static String scope(String name) {
    Path path = Path.of(name);
    return path.getNameCount() > 1
        ? path.subpath(0, 2).toString().replace('\\', '/')
        : DamageTarget.BROKER;
  }

  private static String fileKind(Path path, String name) throws IOException {
    Matcher group = GROUP_FILE.matcher(name);
    if (group.matches()) {
      String file = group.group(3);
      if (file.startsWith("log_inprogress")) {
        return "journal open";
      }
      return file.startsWith("log_") ? "journal closed" : file;
    }
    if (CHECKPOINT.matcher(name).matches()) {
      return isLast(path) ? "checkpoint newest" : "checkpoint older";
    }
    Matcher partition = PARTITION_FILE.matcher(name);
    if (partition.matches() && partition.group(2).endsWith(".log")) {
      String owner = partition.group(1).startsWith("__") ? "offsets segment" : "segment";
      return isLast(path) ? owner + " last" : owner + " closed";
    }
    String file = path.getFileName().toString();
    return file.matches("\\d+.*") ? file.substring(file.lastIndexOf('.') + 1) : file;
  }

  private static boolean isLast(Path path) throws IOException {
    String name = path.getFileName().toString();
    String ending = name.substring(name.lastIndexOf('.'));
    try (var files = Files.list(path.getParent())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(ending))
          .noneMatch(file -> file.compareTo(name) > 0);
    }
  }
}
