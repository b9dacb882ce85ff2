package io.ottla.broker.store;

/**
 * What a producer says about a batch, so that its retry is recognized. Immutable.
 *
 * @param sequence the request's, growing per producer; for {@link Kind#KAFKA} the first record's
 * @param before how far the sequence must have come in the partition for the batch to be appended
 * @param after how far it has come with the batch
 * @param timestampMs of the batch's events that have no time of their own
 */
public record ProducerClaim(
    ProducerKey producer, long sequence, Mark before, Mark after, long timestampMs) {

  /**
   * Who produces. Immutable.
   *
   * @param producerId from the registration
   * @param epoch 0 for producers of the HTTP interface
   * @param kind whose rules of sequences apply
   */
  public record ProducerKey(long producerId, short epoch, Kind kind)
      implements Comparable<ProducerKey> {
    /** A producer of the HTTP interface. */
    public static ProducerKey ofHttp(long producerId) {
      return new ProducerKey(producerId, (short) 0, Kind.OTTLA);
    }

    @Override
    public int compareTo(ProducerKey other) {
      int byId = Long.compare(producerId, other.producerId);
      int byEpoch = byId != 0 ? byId : Short.compare(epoch, other.epoch);
      return byEpoch != 0 ? byEpoch : kind.compareTo(other.kind);
    }
  }

  /**
   * How far a sequence has come in one partition. Immutable.
   *
   * @param line the last event's number in its request or stream, from 0; -1 before the first
   * @param checksum of all events of the partition up to that one, their lines included
   */
  public record Mark(long line, long checksum) {
    /** Nothing yet. */
    public static final Mark START = new Mark(-1, 0);
  }

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
