package io.ottla.metadata;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Values that several tests start from. */
final class Fixtures {
  private Fixtures() {}

  static ClusterIdentity identity(int number, int brokerCount) {
    List<BrokerIdentity> brokers = new ArrayList<>();
    for (int id = 1; id <= brokerCount; id++) {
      brokers.add(new BrokerIdentity(id, "127.0.0.1", 8080, 100));
    }
    return new ClusterIdentity(
        new UUID(number, 0),
        number,
        "c" + number,
        "c" + number,
        3,
        168,
        new UUID(number, 1),
        brokers,
        100);
  }
}
