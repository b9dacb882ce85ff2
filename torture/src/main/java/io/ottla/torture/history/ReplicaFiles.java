package io.ottla.torture.history;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

/**
 * Compares what the brokers of one cluster hold of each partition: every broker has a directory of
 * it, and all of them have the same segment files, byte for byte. Nothing may have been old enough
 * to be removed. Internal topics are compacted, and the server itself writes to them until it ends,
 * as sessions expire: there a replica may have other files below the last one, and lack the end.
 * Only for a server that has ended. Immutable.
 *
 * @param clusterDirectory holds {@code broker-1} and so on
 * @param brokers how many there are, each with a replica of every partition
 * @param topics how many partitions each has that is neither internal nor compacted
 */
public record ReplicaFiles(Path clusterDirectory, int brokers, Map<String, Integer> topics) {
  /** What differs or is missing, a line for each; empty if nothing does. */
  public List<String> differences() throws IOException {
    List<String> found = new ArrayList<>();
    for (String partition : partitions()) {
      List<Path> directories = new ArrayList<>();
      for (int broker = 1; broker <= brokers; broker++) {
        Path topicsOfBroker = topicsOf(broker);
        Optional<Path> directory = directory(topicsOfBroker, partition);
        directory.ifPresentOrElse(
            directories::add, () -> found.add(topicsOfBroker + " has no " + partition));
      }
      for (int i = 1; i < directories.size(); i++) {
        compare(partition, directories.getFirst(), directories.get(i), found);
      }
    }
    return found;
  }

  /** Those that there should be, and all of internal topics that any broker has. */
  private SortedSet<String> partitions() throws IOException {
    SortedSet<String> partitions = new TreeSet<>();
    topics.forEach(
        (topic, count) ->
            IntStream.range(0, count).forEach(number -> partitions.add(topic + "-" + number)));
    for (int broker = 1; broker <= brokers; broker++) {
      for (Path directory : children(topicsOf(broker), "__[A-Za-z0-9_-]+-\\d+")) {
        partitions.add(directory.getFileName().toString());
      }
    }
    return partitions;
  }

  private Path topicsOf(int broker) {
    return clusterDirectory.resolve("broker-" + broker).resolve("topics");
  }

  /**
   * It has a longer name if another one was in its way when it was made. One that does not say
   * whose it is may stand beside it until the next start sets it aside.
   */
  private static Optional<Path> directory(Path topics, String partition) throws IOException {
    List<Path> all = new ArrayList<>();
    for (Path found : children(topics, Pattern.quote(partition) + "(\\..+)?")) {
      if (!found.toString().endsWith(".deleted")) {
        all.add(saysWhoseItIs(found) ? 0 : all.size(), found);
      }
    }
    return all.stream().findFirst();
  }

  private static boolean saysWhoseItIs(Path directory) throws IOException {
    Path metadata = directory.resolve("partition.metadata");
    if (!Files.exists(metadata)) {
      return false;
    }
    String text = Files.readString(metadata, StandardCharsets.ISO_8859_1);
    int lines = text.lastIndexOf("crc32c: ");
    CRC32C sum = new CRC32C();
    sum.update(text.substring(0, Math.max(0, lines)).getBytes(StandardCharsets.ISO_8859_1));
    return lines > 0 && text.substring(lines).equals("crc32c: %08x\n".formatted(sum.getValue()));
  }

  private static void compare(String partition, Path one, Path other, List<String> found)
      throws IOException {
    List<String> names = names(one);
    List<String> others = names(other);
    boolean internal = partition.startsWith("__");
    boolean alike =
        internal
            ? !names.isEmpty() && !others.isEmpty() && names.getLast().equals(others.getLast())
            : names.equals(others);
    if (!alike) {
      found.add("%s has %s, %s has %s".formatted(one, names, other, others));
    }
    names.retainAll(others);
    for (String name : names) {
      long at = Files.mismatch(one.resolve(name), other.resolve(name));
      boolean mayEndEarlier = internal && name.equals(names.getLast());
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
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (var files = Files.list(directory)) {
      return files.filter(file -> file.getFileName().toString().matches(names)).sorted().toList();
    }
  }
}
