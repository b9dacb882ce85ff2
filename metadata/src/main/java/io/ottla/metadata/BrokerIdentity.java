package io.ottla.metadata;

import java.util.Objects;

/**
 * One broker of a cluster, as it was created. Immutable.
 *
 * @param id from 1
 * @param host where its cluster was served when it was created
 * @param port likewise; 0 to 65535
 */
public record BrokerIdentity(int id, String host, int port, long createdAtMs) {
  public BrokerIdentity {
    Objects.requireNonNull(host, "host");
    Range.check("broker id", id, 1, ClusterIdentity.MAX_BROKERS);
    Range.check("port", port, 0, 65_535);
  }
}
