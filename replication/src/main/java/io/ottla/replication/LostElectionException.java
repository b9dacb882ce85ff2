package io.ottla.replication;

import java.io.IOException;

/**
 * A candidate that asks nobody for a vote any more. Ratis ends an election for good when the
 * candidate's own vote cannot be written, for example on a full disk. Only a new start helps.
 */
public final class LostElectionException extends IOException {
  private static final long serialVersionUID = 1L;

  LostElectionException(int group) {
    super("the election of group " + group + " has ended without a result");
  }
}
