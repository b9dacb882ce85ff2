package io.ottla.torture.heap;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Fills the server's heap once a file is there: {@code -javaagent:agent.jar=FILE}. The last of it
 * in small pieces, so that any thread may be the one that finds no memory.
 */
public final class HeapAgent {
  static final String FILLING = "the heap is being filled";

  private static final long LOOK_EVERY_NANOS = 10_000_000;
  private static final int LARGE_PIECE_BYTES = 1 << 20;
  private static final int SMALL_PIECE_BYTES = 1 << 10;
  private static final long LEFT_FOR_SMALL_BYTES = 8L << 20;

  private HeapAgent() {}

  /** Called before the server's main method. */
  public static void premain(String file) {
    Thread.ofPlatform().daemon().name("heap-filler").start(() -> fillOnce(Path.of(file)));
  }

  private static void fillOnce(Path file) {
    while (!Files.exists(file)) {
      LockSupport.parkNanos(LOOK_EVERY_NANOS);
    }
    System.out.println(FILLING);
    List<byte[]> held = new ArrayList<>();
    while (held.size() < Integer.MAX_VALUE) {
      held.add(
          new byte[freeBytes() > LEFT_FOR_SMALL_BYTES ? LARGE_PIECE_BYTES : SMALL_PIECE_BYTES]);
    }
  }

  private static long freeBytes() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.maxMemory() - runtime.totalMemory() + runtime.freeMemory();
  }
}
