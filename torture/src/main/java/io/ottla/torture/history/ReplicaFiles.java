package io.ottla.torture.history;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Compares what the brokers of one cluster hold of each partition: the segments' files of all
 * replicas are the same, byte for byte. The server itself writes to internal topics until it ends,
 * as sessions expire: there a replica may lack the end. Only for a server that has ended.
 * Immutable.
 *
 * @param clusterDirectory holds {@code broker-1} and so on
 */
public record ReplicaFiles(Path clusterDirectory) {
  /** What differs, a line for each partition; empty if nothing does. */
  public List<String> differences() throws IOException {
    List<String> found = new ArrayList<>();
    TreeMap<String, List<Path>> replicas = new TreeMap<>();
    for (Path broker : children(clusterDirectory, "broker-\\d+")) {
      Path topics = broker.resolve("topics");
      if (Files.isDirectory(topics)) {
        for (Path partition : children(topics, "[A-Za-z0-9_-]+-\\d+")) {
          replicas
              .computeIfAbsent(partition.getFileName().toString(), _ -> new ArrayList<>())
              .add(partition);
        }
      }
    }
    for (var entry : replicas.entrySet()) {
      List<Path> directories = entry.getValue();
      for (int i = 1; i < directories.size(); i++) {
        compare(directories.getFirst(), directories.get(i), found);
      }
    }
    return found;
  }

  /**
   * Files that only one of them has are skipped below the last: what retention or compaction took
   * away may be gone here and not yet there.
   */
  private static void compare(Path one, Path other, List<String> found) throws IOException {
    List<String> names = names(one);
    List<String> others = names(other);
    if (names.isEmpty() || others.isEmpty() || !names.getLast().equals(others.getLast())) {
      found.add("%s has %s, %s has %s".formatted(one, names, other, others));
      return;
    }
    names.retainAll(others);
    for (String name : names) {
      long at = Files.mismatch(one.resolve(name), other.resolve(name));
      boolean mayEndEarlier = isInternal(one) && name.equals(names.getLast());
      if (at >= 0 && !(mayEndEarlier && at == shorter(one.resolve(name), other.resolve(name)))) {
        found.add(
            "%s and %s differ at byte %d (%d and %d bytes)"
                .formatted(
                    one.resolve(name),
                    other.resolve(name),
                    at,
                    Files.size(one.resolve(name)),
                    Files.size(other.resolve(name))));
      }
    }
  }

  private static boolean isInternal(Path partition) {
    return partition.getFileName().toString().startsWith("__");
  }

  private static long shorter(Path one, Path other) throws IOException {
    return Math.min(Files.size(one), Files.size(other));
  }

  private static List<String> names(Path directory) throws IOException {
    List<String> names = new ArrayList<>();
    for (Path file : children(directory, "\\d{20}(\\.\\d+)?\\.log")) {
      names.add(file.getFileName().toString());
    }
    return names;
  }

  private static List<Path> children(Path directory, String names) throws IOException {
    try (var files = Files.list(directory)) {
      return files.filter(file -> file.getFileName().toString().matches(names)).sorted().toList();
    }
  }
}
