package io.ottla.client;

/**
 * The 32-bit murmur2 hash with the seed of Kafka's Java client, and the partition that follows from
 * it: a key goes to the same partition whichever client sends it.
 */
final class Murmur2 {
  private static final int SEED = 0x9747b28c;
  private static final int M = 0x5bd1e995;
  private static final int R = 24;

  private Murmur2() {}

  static int partition(byte[] key, int partitions) {
    return (hash(key) & 0x7fffffff) % partitions;
  }

  static int hash(byte[] key) {
    int hash = SEED ^ key.length;
    int whole = key.length & ~3;
    for (int i = 0; i < whole; i += 4) {
      int k = littleEndian(key, i, 4) * M;
      k = (k ^ (k >>> R)) * M;
      hash = hash * M ^ k;
    }
    if (key.length > whole) {
      hash = (hash ^ littleEndian(key, whole, key.length - whole)) * M;
    }
    hash = (hash ^ (hash >>> 13)) * M;
    return hash ^ (hash >>> 15);
  }

  private static int littleEndian(byte[] key, int from, int size) {
    int word = 0;
    for (int i = size - 1; i >= 0; i--) {
      word = word << 8 | (key[from + i] & 0xff);
    }
    return word;
  }
}
