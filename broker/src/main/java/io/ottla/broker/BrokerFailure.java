package io.ottla.broker;

import io.ottla.disk.Exhaustion;
import io.ottla.replication.LostElectionException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * Why a broker does not run although nobody has stopped it. Immutable.
 *
 * @param waitsFor what it needs to be started again by itself; empty if only a person can help
 * @param reason a few words, without paths or names of classes
 */
record BrokerFailure(Optional<Want> waitsFor, String reason) {
  /** What a broker may wait for. */
  enum Want {
    SPACE("waiting_for_space"),
    DESCRIPTORS("waiting_for_descriptors");

    private final String wireName;

    Want(String wireName) {
      this.wireName = wireName;
    }
  }

  /**
   * What a failure means.
   *
   * @param cause null if nobody said
   * @param shortOf what the machine is short of at this moment: it counts where the cause does not
   *     say, as in another language than English
   */
  static BrokerFailure of(String reason, Throwable cause, Optional<Want> shortOf) {
    Optional<Exhaustion> said = cause == null ? Optional.empty() : Exhaustion.of(cause);
    if (said.isPresent()) {
      return waiting(
          switch (said.get()) {
            case SPACE -> Want.SPACE;
            case DESCRIPTORS -> Want.DESCRIPTORS;
          },
          reason);
    }
    if (cause instanceof LostElectionException) {
      return waiting(shortOf.orElse(Want.SPACE), reason);
    }
    boolean mayBeShort = cause == null || (isOfDisk(cause) && !Exhaustion.isOfForce(cause));
    return new BrokerFailure(mayBeShort ? shortOf : Optional.empty(), reason);
  }

  private static boolean isOfDisk(Throwable cause) {
    return cause instanceof IOException || cause instanceof UncheckedIOException;
  }

  static BrokerFailure waiting(Want want, String reason) {
    return new BrokerFailure(Optional.of(want), reason);
  }

  /**
   * Whether it counts although that one came first: who waits is started again by itself, which
   * nobody may do after a failed force, for example, while it was stepping aside.
   */
  boolean outranks(BrokerFailure earlier) {
    return waitsFor.isEmpty() && earlier.waitsFor.isPresent();
  }

  /** As the HTTP contract says it: what it waits for, or what happened. */
  String wireReason() {
    return waitsFor.map(want -> want.wireName).orElse(reason);
  }
}
