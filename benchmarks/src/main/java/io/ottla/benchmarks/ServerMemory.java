package io.ottla.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a server's process takes, after a garbage collection. Immutable.
 *
 * @param heapBytes what is reachable, in use
 * @param residentBytes of the whole process
 */
record ServerMemory(long heapBytes, long residentBytes) {
  private static final Pattern USED = Pattern.compile("used (\\d+)K");

  /** Collects twice, as one collection may leave what another thread was about to let go. */
  static ServerMemory of(long pid) throws IOException, InterruptedException {
    String id = Long.toString(pid);
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    run(List.of(jcmd, id, "GC.run"));
    run(List.of(jcmd, id, "GC.run"));
    Matcher used = USED.matcher(run(List.of(jcmd, id, "GC.heap_info")));
    if (!used.find()) {
      throw new IOException("jcmd does not say how much of the heap is used");
    }
    long residentKilobytes = Long.parseLong(run(List.of("ps", "-o", "rss=", "-p", id)).strip());
    return new ServerMemory(Long.parseLong(used.group(1)) << 10, residentKilobytes << 10);
  }

  private static String run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(command + " failed: " + printed);
    }
    return printed;
  }
}
