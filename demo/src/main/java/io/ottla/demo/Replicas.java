package io.ottla.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The partition files of every replica, where the demo can see the server's disk. */
final class Replicas {
  private final Path dataDirectory;

  Replicas(Path dataDirectory) {
    this.dataDirectory = dataDirectory;
  }

  Path directory(TopicState.Replica replica) {
    return dataDirectory.resolve(replica.directory());
  }

  /** The first difference between the replicas of a partition, if there is one. */
  Optional<String> difference(TopicState.Partition partition) throws IOException {
    Path first = directory(partition.replicas().getFirst());
    List<String> names = logFiles(first);
    for (TopicState.Replica replica : partition.replicas()) {
      Path other = directory(replica);
      if (!logFiles(other).equals(names)) {
        return Optional.of(other + " has the files " + logFiles(other) + ", not " + names);
      }
      for (String name : names) {
        long position = Files.mismatch(first.resolve(name), other.resolve(name));
        if (position >= 0) {
          return Optional.of(
              other.resolve(name) + " differs from " + first + " at byte " + position);
        }
      }
    }
    return Optional.empty();
  }

  private static List<String> logFiles(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".log"))
          .sorted()
          .toList();
    }
  }
}
