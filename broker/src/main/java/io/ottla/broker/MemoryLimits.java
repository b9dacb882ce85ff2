package io.ottla.broker;

/**
 * How much of the heap clients can make the server hold. Immutable. Each is for all clusters of the
 * process together.
 *
 * @param producerBytes what partitions may remember of their producers, on all replicas, as {@link
 *     io.ottla.broker.store.ProducerMemory} counts it
 * @param maxProducers how many producers may be registered at a time
 * @param maxConsumers likewise
 */
public record MemoryLimits(long producerBytes, int maxProducers, int maxConsumers) {
  private static final int HEAP_BYTES_PER_PRODUCER = 16 << 10;
  private static final int HEAP_BYTES_PER_CONSUMER = 40 << 10;

  public MemoryLimits {
    if (producerBytes < 1 || maxProducers < 1 || maxConsumers < 1) {
      throw new IllegalArgumentException("limits must be at least 1");
    }
  }

  /**
   * For a heap of that size: two fifths of it for what is remembered of producers, counted as if
   * nothing were shared; with 512 MiB, 32,768 producers and 13,107 consumers.
   */
  public static MemoryLimits ofHeap(long heapBytes) {
    return new MemoryLimits(
        heapBytes / 5 * 2,
        Math.clamp(heapBytes / HEAP_BYTES_PER_PRODUCER, 1, Integer.MAX_VALUE),
        Math.clamp(heapBytes / HEAP_BYTES_PER_CONSUMER, 1, Integer.MAX_VALUE));
  }
}
