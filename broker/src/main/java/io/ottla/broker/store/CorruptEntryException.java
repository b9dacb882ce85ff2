package io.ottla.broker.store;

import java.io.IOException;

/** Bytes that are not an entry, a result or a checkpoint of this or an older version. */
public final class CorruptEntryException extends IOException {
  private static final long serialVersionUID = 1L;

  CorruptEntryException(String fact) {
    super(fact);
  }

  CorruptEntryException(String fact, Throwable cause) {
    super(fact, cause);
  }
}
