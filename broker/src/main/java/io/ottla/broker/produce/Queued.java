package io.ottla.broker.produce;

import io.ottla.broker.produce.AppendOutcome.Reason;
import io.ottla.broker.store.DataResult;
import java.util.List;

/**
 * What waits in an accumulator for its round. Queued by its caller, then owned by the round's
 * thread, which settles it exactly once.
 */
abstract sealed class Queued permits PendingAppend, PendingControl {
  /** The index of its first command within its entry; set when it is packed. */
  private int commandIndex;

  /** At most what it adds to an entry. */
  abstract int sizeBytes();

  /** Whether it may be decided under this term. */
  abstract boolean accepts(long term);

  /** The entry that holds its commands is applied. */
  abstract void applied(List<DataResult> results);

  /** Nothing of it was or will be appended. */
  abstract void notAppended(Reason reason, String detail);

  /** It may have been appended. */
  abstract void unknown(String detail);

  final void packedAt(int index) {
    commandIndex = index;
  }

  final int commandIndex() {
    return commandIndex;
  }
}
