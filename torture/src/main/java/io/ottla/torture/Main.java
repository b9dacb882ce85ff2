package io.ottla.torture;

import io.ottla.torture.damage.DamageAttack;
import io.ottla.torture.run.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code ./ottla torture}. Exit codes: 0 if nothing was found, 1 if an anomaly was, 2 for options
 * that it does not understand, 77 if the attack cannot be made on this machine.
 */
@Command(
    name = "./ottla torture",
    sortOptions = false,
    description =
        "Starts a server of its own, attacks it, and checks that nothing acknowledged is lost,"
            + " doubled, moved or changed. See docs/torture.md.")
public final class Main implements Callable<Integer> {
  static final int NOT_POSSIBLE = 77;

  private static final int JUMPS = 7;
  private static final int FILLINGS = 2;
  private static final int FULL_HEAPS = 10;
  private static final List<Duration> PAUSES =
      List.of(Duration.ofSeconds(5), Duration.ofSeconds(20), Duration.ofSeconds(60));

  @Option(
      names = "--faults",
      required = true,
      description = "What is done to the server: ${COMPLETION-CANDIDATES}.")
  private Fault fault;

  @Option(
      names = "--seed",
      description = "Makes the same choices as the run that printed it. Default: a new one.")
  private Long seed;

  @Option(
      names = "--brokers",
      defaultValue = "3",
      description = "all but damage: how many the cluster has, 1 to 9. Default: ${DEFAULT-VALUE}.")
  private int brokers;

  @Option(
      names = "--kills",
      defaultValue = "200",
      description = "kill: how many at least. Default: ${DEFAULT-VALUE}.")
  private int kills;

  @Option(
      names = "--events",
      defaultValue = "1000000",
      description = "kill: how many events are to be acknowledged. Default: ${DEFAULT-VALUE}.")
  private long events;

  @Option(
      names = "--damages",
      defaultValue = "2000",
      description = "damage: how many at least. Default: ${DEFAULT-VALUE}.")
  private int damages;

  @Option(
      names = "--minutes",
      defaultValue = "60",
      description = "No new round is begun after so long. Default: ${DEFAULT-VALUE}.")
  private int minutes;

  @Option(
      names = "--dir",
      defaultValue = "ottla-data",
      description = "Where the server's directory is made. Default: ./${DEFAULT-VALUE}.")
  private Path directory;

  @Option(names = "--keep", description = "Leave the server's directory there.")
  private boolean keep;

  @SuppressWarnings("UnusedVariable") // picocli looks at the option itself
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Print this.")
  private boolean help;

  @Spec private CommandSpec command;

  /** What can be done to a server. */
  enum Fault {
    kill,
    damage,
    clock,
    full,
    heap,
    pause
  }

  private Main() {}

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Main()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (brokers < 1 || brokers > 9 || (fault == Fault.damage && brokers != 3)) {
      throw new ParameterException(
          command.commandLine(), "--brokers must be 1 to 9, and 3 for --faults damage");
    }
    long chosen = seed == null ? System.nanoTime() : seed;
    Run.say("seed %d", chosen);
    Run run = Run.of(chosen, directory, keep).with(brokers);
    boolean possible = true;
    switch (fault) {
      case kill ->
          new KillAttack(run, new KillAttack.Goal(kills, events, Duration.ofMinutes(minutes)))
              .attack();
      case damage -> new DamageAttack(run, damages, Duration.ofMinutes(minutes)).attack();
      case clock -> new ClockAttack(run, JUMPS).attack();
      case full -> possible = new FullAttack(run, FILLINGS).attack();
      case heap -> new HeapAttack(run, FULL_HEAPS).attack();
      case pause -> possible = new PauseAttack(run, PAUSES).attack();
    }
    if (!possible) {
      Run.say("this attack cannot be made here: see docs/torture.md");
      return NOT_POSSIBLE;
    }
    return verdict(run);
  }

  private static int verdict(Run run) {
    if (run.findings().isEmpty()) {
      Run.say("nothing was lost, doubled, moved or changed");
      return 0;
    }
    run.findings().lines().forEach(line -> Run.say("%s", line));
    Run.say("seed %d: %s", run.seed(), run.findings().counts());
    return 1;
  }
}
