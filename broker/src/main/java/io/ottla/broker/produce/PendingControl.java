package io.ottla.broker.produce;

import io.ottla.broker.produce.AppendOutcome.Reason;
import io.ottla.broker.store.DataCommand;
import io.ottla.broker.store.DataEntry;
import io.ottla.broker.store.DataResult;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

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

  /**
   * Waits for the outcome, but not for ever; an interrupt ends the wait too and stays set.
   *
   * @param withdraw takes it out of the queue; false if it is not there any more
   */
  ControlOutcome await(Duration longest, BooleanSupplier withdraw) {
    try {
      return outcome.get(longest.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return expire(withdraw);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return expire(withdraw);
    } catch (ExecutionException e) {
      throw new IllegalStateException("an outcome is never an exception", e);
    }
  }

  private ControlOutcome expire(BooleanSupplier withdraw) {
    if (withdraw.getAsBoolean()) {
      notAppended(Reason.TIMED_OUT, "the time is over and it had not been sent");
    }
    return outcome.getNow(new ControlOutcome.Unknown("not committed in time"));
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
