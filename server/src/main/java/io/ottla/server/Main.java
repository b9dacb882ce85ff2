package io.ottla.server;

import io.ottla.broker.DiskReserve;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.logging.LogManager;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * {@code ./ottla serve}. Exit codes: 0 after it was told to stop and has, 1 if it cannot run, 2 if
 * it was started with options that it does not understand.
 */
@Command(
    name = "./ottla serve",
    sortOptions = false,
    description = "Runs the server until it is told to stop (Ctrl-C or SIGTERM).")
public final class Main implements Callable<Integer> {
  @Option(
      names = "--host",
      defaultValue = "127.0.0.1",
      description = "Address to listen on; a loopback one. Default: ${DEFAULT-VALUE}.")
  private String host;

  @Option(
      names = "--port",
      defaultValue = "8080",
      description = "Port to listen on; 0 for any free one. Default: ${DEFAULT-VALUE}.")
  private int port;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      defaultValue = "ottla-data",
      description =
          "Where everything is kept; repeat it to spread the brokers over several disks."
              + " Default: ./${DEFAULT-VALUE}.")
  private List<Path> dataDirectories;

  @Option(
      names = "--disk-reserve-mib",
      paramLabel = "MIB",
      description =
          "What is kept free of each disk: below it nothing is published."
              + " Default: 1 GiB or 2 %%, at most 16 GiB and at most a tenth of the disk.")
  private Long diskReserveMib;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @SuppressWarnings("UnusedVariable") // picocli looks at the option itself
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Print this.")
  private boolean help;

  private Main() {}

  public static void main(String[] arguments) {
    installLogging();
    System.exit(new CommandLine(new Main()).execute(arguments));
  }

  /** What libraries say by way of java.util.logging goes where the rest goes. */
  static void installLogging() {
    LogManager.getLogManager().reset();
    SLF4JBridgeHandler.install();
  }

  @Override
  public Integer call() {
    ServerConfig config;
    try {
      config = new ServerConfig(host, port, dataDirectories, diskReserve());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    return new RunningServer(config).run();
  }

  private DiskReserve diskReserve() {
    return diskReserveMib == null
        ? DiskReserve.usual()
        : new DiskReserve(OptionalLong.of(Math.multiplyExact(diskReserveMib, 1L << 20)));
  }
}
