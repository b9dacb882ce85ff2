package io.ottla.torture.damage;

import java.nio.file.Path;

/**
 * Something that can be damaged. Immutable.
 *
 * @param kind what it is, as the report says it
 * @param scope what it belongs to: a group, a partition, the broker or the process; damages to two
 *     scopes of one broker are independent, unless one of them is the broker
 * @param path below the data directory
 */
record DamageTarget(String kind, String scope, Path path, boolean directory) {
  static final String BROKER = "broker";
  static final String PROCESS = "process";

  boolean isShared() {
    return scope.equals(BROKER) || scope.equals(PROCESS);
  }
}
