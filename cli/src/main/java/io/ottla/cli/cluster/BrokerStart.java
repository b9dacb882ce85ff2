package io.ottla.cli.cluster;

import io.ottla.cli.terminal.AdminCommand;
import io.ottla.cli.terminal.Console;
import io.ottla.cli.terminal.ExitCode;
import io.ottla.cli.terminal.Table;
import io.ottla.client.BrokerState;
import io.ottla.client.OttlaAdmin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ./ottla broker start}. */
@Command(name = "start", description = "Starts a broker that was stopped.")
public final class BrokerStart extends AdminCommand {
  @Parameters(index = "0", paramLabel = "CLUSTER", description = "The cluster's name.")
  private String cluster;

  @Parameters(index = "1", paramLabel = "ID", description = "The broker's number.")
  private int id;

  /** On that console. */
  public BrokerStart(Console console) {
    super(console);
  }

  @Override
  protected int run(OttlaAdmin admin) {
    return show(console(), json(), admin.startBroker(cluster, id));
  }

  static int show(Console console, boolean json, BrokerState broker) {
    if (json) {
      console.line(broker.json());
    } else {
      new Table("BROKER", "STATE").row(broker.id(), broker.state()).print(console);
    }
    return ExitCode.OK;
  }
}
