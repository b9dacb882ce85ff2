package io.ottla.broker.produce;

import io.ottla.broker.store.DataResult;
import java.util.List;

/** What became of control commands that were submitted together. Immutable. */
public sealed interface ControlOutcome {
  /**
   * All replicas do them.
   *
   * @param results one per command
   */
  record Applied(List<DataResult> results) implements ControlOutcome {}

  /** They were not and will not be done. */
  record NotApplied(String reason) implements ControlOutcome {}

  /** They may have been done, or may yet be. */
  record Unknown(String reason) implements ControlOutcome {}
}
