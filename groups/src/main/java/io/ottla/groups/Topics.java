package io.ottla.groups;

import java.util.Optional;
import java.util.UUID;

/** The topics that exist, as a decision sees them: one snapshot. Immutable. */
public interface Topics {
  /** The topic of that name. */
  Optional<TopicLayout> named(String name);

  /** The topic with that id; empty when it was deleted, or when the snapshot lags. */
  Optional<TopicLayout> withId(UUID id);

  /** Another one whenever something here changes. */
  long version();

  /** Whether an absent topic is certainly gone: only then are commits dropped. */
  boolean certain();

  /** One topic. */
  record TopicLayout(UUID id, String name, int partitions) {}
}
