package io.ottla.groups;

import java.io.IOException;

/**
 * A record of {@code __consumer_offsets} that this version must not touch: written by a newer one,
 * or not a group record at all.
 */
public final class GroupRecordException extends IOException {
  private static final long serialVersionUID = 1L;

  GroupRecordException(String fact) {
    super(fact);
  }

  GroupRecordException(String fact, Throwable cause) {
    super(fact, cause);
  }
}
