package io.ottla.broker.produce;

/**
 * What makes a request safe to send again: whoever sends the same events under it once more appends
 * nothing. Immutable.
 *
 * @param producerId from {@link RegisterProducer}
 * @param sequence the producer's number of the request, from 0, growing
 */
public record ProducerSequence(long producerId, long sequence) {
  public ProducerSequence {
    if (sequence < 0) {
      throw new IllegalArgumentException("sequence must be at least 0, not " + sequence);
    }
  }
}
