package io.ottla.log;

import java.io.IOException;

/** A log's files hold less than its checkpoint promises: acknowledged bytes are gone. */
public final class LostLogException extends IOException {
  private static final long serialVersionUID = 1L;

  public LostLogException(String fact) {
    super(fact);
  }
}
