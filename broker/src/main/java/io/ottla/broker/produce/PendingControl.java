package io.ottla.broker.produce;

import io.ottla.broker.produce.AppendOutcome.Reason;
import io.ottla.broker.store.DataCommand;
import io.ottla.broker.store.DataEntry;
import io.ottla.broker.store.DataResult;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Control commands that wait for their round. */
final class PendingControl extends Queued {
  private final List<DataCommand> commands;
  private final int sizeBytes;
  private final CompletableFuture<ControlOutcome> outcome = new CompletableFuture<>();

  PendingControl(List<? extends DataCommand> commands) {
    this.commands = List.copyOf(commands);
    int bytes = 0;
    for (DataCommand command : commands) {
      bytes += DataEntry.sizeBytes(command);
    }
    this.sizeBytes = bytes;
  }

  List<DataCommand> commands() {
    return commands;
  }

  CompletableFuture<ControlOutcome> outcome() {
    return outcome;
  }

  @Override
  int sizeBytes() {
    return sizeBytes;
  }

  @Override
  boolean accepts(long term) {
    return true;
  }

  @Override
  void applied(List<DataResult> results) {
    int from = commandIndex();
    outcome.complete(
        new ControlOutcome.Applied(List.copyOf(results.subList(from, from + commands.size()))));
  }

  @Override
  void notAppended(Reason reason, String detail) {
    outcome.complete(new ControlOutcome.NotApplied(detail));
  }

  @Override
  void unknown(String detail) {
    outcome.complete(new ControlOutcome.Unknown(detail));
  }
}
