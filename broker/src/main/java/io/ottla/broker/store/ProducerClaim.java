package io.ottla.broker.store;

/**
 * What a producer says about a batch, so that its retry is recognized. Immutable.
 *
 * @param producerId from the registration
 * @param epoch 0 for producers of the HTTP interface
 * @param kind whose rules of sequences apply
 * @param sequence the request's, growing per producer; for {@link Kind#KAFKA} the first record's
 * @param line of the batch's first event in a streamed body, from 0; 0 for a whole request
 * @param checksum of the batch's events, so that other events under a used sequence are noticed
 */
public record ProducerClaim(
    long producerId, short epoch, Kind kind, long sequence, long line, long checksum) {
  /** Whose rules of sequences apply. */
  public enum Kind {
    /** Our own: requests may arrive in any order within a window. */
    OTTLA(0),
    /** Kafka's: strictly one after the other. */
    KAFKA(1);

    private final byte id;

    Kind(int id) {
      this.id = (byte) id;
    }

    byte id() {
      return id;
    }

    static Kind of(byte id) throws CorruptEntryException {
      return switch (id) {
        case 0 -> OTTLA;
        case 1 -> KAFKA;
        default -> throw new CorruptEntryException("claim of an unknown kind: kind=" + id);
      };
    }
  }
}
