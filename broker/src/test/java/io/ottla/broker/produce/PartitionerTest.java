package io.ottla.broker.produce;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Test;

class PartitionerTest {
  private static final UUID TOPIC = new UUID(1, 2);

  @Test
  void aKeysPartitionIsTheOneOfKafkasClient() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      byte[] key = new byte[random.nextInt(40)];
      random.nextBytes(key);
      int partitions = 1 + random.nextInt(1000);
      ByteBuffer within = ByteBuffer.allocate(key.length + 5).position(3).put(key).flip();
      within.position(3);

      assertThat(Partitioner.murmur2(within)).as("seed %d", seed).isEqualTo(Utils.murmur2(key));
      assertThat(new Partitioner().partition(TOPIC, within, partitions))
          .as("seed %d", seed)
          .isEqualTo(BuiltInPartitioner.partitionForKey(key, partitions));
      assertThat(within.position()).isEqualTo(3);
    }
  }

  @Test
  void eventsWithoutAKeyAreSpreadEvenlyByConcurrentRequests() throws InterruptedException {
    Partitioner partitioner = new Partitioner();
    int partitions = 7;
    AtomicIntegerArray counts = new AtomicIntegerArray(partitions);
    int threads = 16;
    CountDownLatch done = new CountDownLatch(threads);
    for (int t = 0; t < threads; t++) {
      Thread.ofVirtual()
          .start(
              () -> {
                for (int i = 0; i < 1003; i++) {
                  counts.incrementAndGet(partitioner.partition(TOPIC, null, partitions));
                }
                done.countDown();
              });
    }
    done.await();

    int perPartition = threads * 1003 / partitions;
    for (int p = 0; p < partitions; p++) {
      assertThat(counts.get(p)).isBetween(perPartition, perPartition + 1);
    }
  }

  @Test
  void topicsTakeTheirTurnsApart() {
    Partitioner partitioner = new Partitioner();
    UUID other = new UUID(3, 4);

    assertThat(partitioner.partition(TOPIC, null, 3)).isEqualTo(0);
    assertThat(partitioner.partition(other, null, 3)).isEqualTo(0);
    assertThat(partitioner.partition(TOPIC, null, 3)).isEqualTo(1);
    assertThat(partitioner.partition(TOPIC, null, 3)).isEqualTo(2);
    assertThat(partitioner.partition(TOPIC, null, 3)).isEqualTo(0);
  }
}
