package io.ottla.cli.cluster;

import io.ottla.cli.terminal.AdminCommand;
import io.ottla.cli.terminal.Console;
import io.ottla.client.BrokerState.StopMode;
import io.ottla.client.OttlaAdmin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./ottla broker stop}. */
@Command(name = "stop", description = "Stops a broker; its partitions go on with the others.")
public final class BrokerStop extends AdminCommand {
  @Parameters(index = "0", paramLabel = "CLUSTER", description = "The cluster's name.")
  private String cluster;

  @Parameters(index = "1", paramLabel = "ID", description = "The broker's number.")
  private int id;

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      defaultValue = "clean",
      description =
          "clean: it hands its leadership over first. crash: as if its machine were lost."
              + " Default: clean.")
  private StopMode mode;

  /** On that console. */
  public BrokerStop(Console console) {
    super(console);
  }

  @Override
  protected int run(OttlaAdmin admin) {
    return BrokerStart.show(console(), json(), admin.stopBroker(cluster, id, mode));
  }
}
