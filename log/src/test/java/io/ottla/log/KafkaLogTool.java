package io.ottla.log;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.kafka.tools.DumpLogSegments;

/** Kafka's {@code DumpLogSegments}, run in this process. */
final class KafkaLogTool {
  private KafkaLogTool() {}

  /**
   * The lines of a dump that find fault. The tool expects every file to begin with offset 0 and
   * complains about each one that does not; that alone is no fault.
   */
  static List<String> faults(String printed) {
    return printed
        .lines()
        .filter(
            line ->
                line.startsWith("Found ")
                    || line.startsWith("Mismatches in")
                    || line.startsWith("The following indexed offsets are not found")
                    || line.contains("isvalid: false")
                    || (line.contains(" is followed by ")
                        && !line.startsWith("  -1 is followed by ")))
        .toList();
  }

  /** What the tool prints about every file of a log's directory with one of these suffixes. */
  static String dump(Path directory, List<String> suffixes, String... options) throws Exception {
    String files;
    try (var list = Files.list(directory)) {
      files =
          list.map(Path::toString)
              .filter(name -> suffixes.stream().anyMatch(name::endsWith))
              .sorted()
              .collect(Collectors.joining(","));
    }
    List<String> arguments = new ArrayList<>(List.of("--files", files));
    arguments.addAll(Arrays.asList(options));
    PrintStream stdout = System.out;
    PrintStream stderr = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream both = new PrintStream(printed, true, StandardCharsets.UTF_8);
    System.setOut(both);
    System.setErr(both);
    try {
      DumpLogSegments.main(arguments.toArray(String[]::new));
    } finally {
      System.setOut(stdout);
      System.setErr(stderr);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }
}
