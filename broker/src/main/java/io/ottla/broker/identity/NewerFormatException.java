package io.ottla.broker.identity;

import java.io.IOException;
import java.nio.file.Path;

/** Files were written by a newer build: nothing of theirs may be touched. */
public final class NewerFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  NewerFormatException(Path path, String what, int found, int known) {
    super(
        path
            + " was written by a newer build of Ottla ("
            + what
            + " "
            + found
            + ", this one knows "
            + known
            + "): nothing was touched; start the newer build again");
  }
}
