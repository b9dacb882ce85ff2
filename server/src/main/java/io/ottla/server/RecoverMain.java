package io.ottla.server;

import io.ottla.broker.Answer;
import io.ottla.broker.RecoverDeployment;
import io.ottla.broker.Refusal;
import io.ottla.disk.SystemDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code ./ottla recover}. Exit codes: 0 if it was shown or done, 1 if it cannot be, or not for all
 * groups that need it, 2 for options that it does not understand.
 */
@Command(
    name = "./ottla recover",
    sortOptions = false,
    description = {
      "Says what lies in the data directories of a server that is not running, makes a directory a"
          + " broker's own where no start would, and makes one replica of a group all of them.",
      "Without --execute nothing is changed."
    })
public final class RecoverMain implements Callable<Integer> {
  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      defaultValue = "ottla-data",
      description = "As the server gets them, all of them. Default: ./${DEFAULT-VALUE}.")
  private List<Path> dataDirectories;

  @ArgGroup private Way way;

  @Option(names = "--execute", description = "Do it. Make a copy of the data directories before.")
  private boolean execute;

  @SuppressWarnings("UnusedVariable") // picocli looks at the option itself
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Print this.")
  private boolean help;

  private RecoverMain() {}

  /** At most one of the two. */
  private static final class Way {
    @ArgGroup(exclusive = false)
    private Adoption adoption;

    @ArgGroup(exclusive = false)
    private Salvage salvage;
  }

  /** Whose replica of which group all its members are to get. */
  private static final class Salvage {
    @Option(
        names = "--cluster",
        paramLabel = "NAME",
        required = true,
        description = "In this cluster, for a group that nothing else can save,")
    private String cluster;

    @ArgGroup(multiplicity = "1")
    private Groups groups;

    @Option(
        names = "--from-broker",
        paramLabel = "B",
        required = true,
        description =
            "get what this broker holds of it. Acked events that it lacks are GIVEN UP: what is"
                + " printed says how many at most.")
    private int from;
  }

  /** One group, or all that need it. */
  private static final class Groups {
    @Option(
        names = "--group",
        paramLabel = "N",
        required = true,
        description = "all members of this group (0 is the metadata group)")
    private int group;

    @Option(
        names = "--all-groups",
        required = true,
        description =
            "(or of each group that the next start would find no leader for, one after the other;"
                + " exit code 1 if one of them cannot be, the others are done all the same)")
    private boolean all;
  }

  /** Which directory is to become whose. */
  private static final class Adoption {
    @Option(
        names = "--adopt",
        paramLabel = "DIR",
        required = true,
        description = "This directory, for example one that was set aside,")
    private Path directory;

    @Option(
        names = "--log-directory",
        paramLabel = "NAME",
        required = true,
        description = "becomes, in the cluster with this log_directory,")
    private String logDirectory;

    @Option(
        names = "--broker",
        paramLabel = "K",
        required = true,
        description = "the one of this broker.")
    private int broker;
  }

  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  /** What its process does; the exit code. */
  static int run(String... arguments) {
    return new CommandLine(new RecoverMain()).execute(arguments);
  }

  @Override
  public Integer call() {
    List<Path> absolute =
        dataDirectories.stream().map(path -> path.toAbsolutePath().normalize()).toList();
    try (var recover = RecoverDeployment.open(absolute, new SystemDisk(), Clock.systemUTC())) {
      if (way == null) {
        recover.report().forEach(System.out::println);
        return 0;
      }
      return switch (answer(recover)) {
        case Answer.Ok<List<String>>(List<String> lines) -> {
          lines.forEach(System.out::println);
          yield 0;
        }
        case Answer.Refused<List<String>>(Refusal refusal) -> fail(refusal.detail());
      };
    } catch (IOException e) {
      return fail(e.getMessage());
    }
  }

  private Answer<List<String>> answer(RecoverDeployment recover) throws IOException {
    Salvage salvage = way.salvage;
    if (salvage != null) {
      return salvage.groups.all
          ? recover.recoverAllGroups(salvage.cluster, salvage.from, execute)
          : recover.recoverGroup(salvage.cluster, salvage.groups.group, salvage.from, execute);
    }
    Adoption adoption = way.adoption;
    return recover.adopt(
        adoption.logDirectory, adoption.broker, adoption.directory.toAbsolutePath(), execute);
  }

  private static int fail(String reason) {
    System.err.println("ottla: cannot recover: " + reason);
    return 1;
  }
}
