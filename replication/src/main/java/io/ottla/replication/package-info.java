/**
 * Replicated groups on Apache Ratis: the in-process transport, exactly-once apply with checkpoints,
 * leadership, votes, and the rebuild of replicas. Only it and {@code journal} below import Ratis.
 * Called by {@code broker} and {@code metadata}.
 */
package io.ottla.replication;
