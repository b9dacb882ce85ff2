package io.ottla.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Test;

class Murmur2Test {
  @Test
  void hashesAreThoseOfKafkasClient() {
    Random random = new Random(1);

    for (int size = 0; size < 500; size++) {
      byte[] key = new byte[size];
      random.nextBytes(key);

      assertThat(Murmur2.hash(key)).isEqualTo(Utils.murmur2(key));
      assertThat(Murmur2.partition(key, 7)).isEqualTo(Utils.toPositive(Utils.murmur2(key)) % 7);
    }
  }
}
