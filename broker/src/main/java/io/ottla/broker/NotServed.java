package io.ottla.broker;

import java.util.Optional;

/**
 * A cluster that lies in the data directories and is not served. Nothing of it is touched.
 * Immutable.
 *
 * @param name if it is known
 * @param reason a clause that says what is wrong and what can be done
 */
public record NotServed(String logDirectory, Optional<String> name, State state, String reason) {
  /** Why it is not served. */
  public enum State {
    /** Its own files contradict each other or are not whole: the deployment is not ready. */
    DAMAGED,
    /** Its deletion, or the removal of one half created, has failed half-way; it goes on. */
    DELETING,
    /** The deployment does not list it: a backup, perhaps. */
    UNLISTED
  }

  /** Its name, or its directory's while its name is not known. */
  String displayName() {
    return name.orElse(logDirectory);
  }

  boolean isCalled(String wanted) {
    return displayName().equals(wanted);
  }
}
