package io.ottla.groups;

import java.util.Collection;
import java.util.Optional;

/** The groups of one partition of {@code __consumer_offsets}, to read. Thread-safe. */
public interface GroupView {
  /** The group as it is now. */
  Optional<Group> group(String name);

  /** All groups; each as it was at some moment during the call. */
  Collection<Group> groups();
}
