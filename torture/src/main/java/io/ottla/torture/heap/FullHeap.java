package io.ottla.torture.heap;

import io.ottla.torture.run.AgentJar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The attacker's end: writes the agent, and says when it fills the heap. One owner. */
public final class FullHeap {
  private final Path agent;
  private final Path fill;

  private FullHeap(Path agent, Path fill) {
    this.agent = agent;
    this.fill = fill;
  }

  /** An agent in that directory; the heap is as it is. */
  public static FullHeap create(Path directory) throws IOException {
    Path agent = directory.resolve("heap-agent.jar");
    AgentJar.write(agent, HeapAgent.class);
    return new FullHeap(agent, directory.resolve("fill-the-heap"));
  }

  /** What Java needs besides; it ends when memory does, as with {@code ./ottla serve}. */
  public List<String> jvmOptions() {
    return List.of("-javaagent:" + agent + "=" + fill, "-XX:+ExitOnOutOfMemoryError");
  }

  /** The server that runs has no memory within a moment. */
  public void fill() throws IOException {
    Files.createFile(fill);
  }

  /** The next server may have all of it. */
  public void leave() throws IOException {
    Files.delete(fill);
  }

  /** How often servers have begun to fill theirs. */
  public static long fillings(String printed) {
    return printed.lines().filter(HeapAgent.FILLING::equals).count();
  }
}
