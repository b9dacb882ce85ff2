package io.ottla.torture;

import io.ottla.torture.heap.FullHeap;
import io.ottla.torture.history.Anomaly;
import io.ottla.torture.load.Workload;
import io.ottla.torture.run.Run;
import io.ottla.torture.run.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;

/**
 * A heap that is filled under load until there is no memory for whoever asks next: the process ends
 * by itself, at once, and what it has acked is there after the next start. One owner.
 */
public final class HeapAttack {
  /** What Java ends with when it was told to end without memory. */
  private static final int OUT_OF_MEMORY = 3;

  private static final int EVENTS = 2_000;
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration ENDS_WITHIN = Duration.ofSeconds(60);

  private final Run run;
  private final int times;

  /**
   * @param times how often the heap is filled
   */
  public HeapAttack(Run run, int times) {
    this.run = run;
    this.times = times;
  }

  /** Runs to its end; what was found is in the run's findings. */
  public void attack() throws IOException, InterruptedException {
    try (Workspace workspace = run.workspace()) {
      FullHeap heap = FullHeap.create(workspace.directory());
      LoadedServer loaded =
          LoadedServer.start(run, workspace, Workload.Size.normal(), heap.jvmOptions());
      try {
        for (int i = 0; i < times; i++) {
          fill(loaded, heap);
        }
        loaded.awaitAcked(loaded.history().ackedCount() + EVENTS, PATIENCE);
        loaded.judge();
        long filled = FullHeap.fillings(Files.readString(loaded.server().log()));
        if (filled != times) {
          run.findings().add(Anomaly.NOT_DONE, filled + " heaps of " + times + " were filled");
        }
        Run.say("heaps filled: %d", filled);
        loaded.report();
      } finally {
        loaded.end();
      }
    }
  }

  private void fill(LoadedServer loaded, FullHeap heap) throws IOException, InterruptedException {
    loaded.awaitAcked(loaded.history().ackedCount() + EVENTS, PATIENCE);
    loaded.awaitAcked(Long.MAX_VALUE, run.time(0, 700));
    heap.fill();
    Optional<Integer> code = loaded.server().awaitEnd(ENDS_WITHIN);
    heap.leave();
    if (!code.equals(Optional.of(OUT_OF_MEMORY))) {
      run.findings().add(Anomaly.NOT_DONE, "a server without memory did not end by that: " + code);
      loaded.server().kill();
    }
    loaded.restart();
  }
}
